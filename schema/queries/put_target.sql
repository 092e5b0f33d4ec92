INSERT INTO target (protocol, host, host_unicode, port, pinned_address, sni, registrable_domain)
VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (host, port, protocol, pinned_address, sni) DO NOTHING;
