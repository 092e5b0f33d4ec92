INSERT INTO target (host, port, protocol, pinned_address, sni, host_unicode, registrable_domain, input_text)
VALUES (?1, ?, ?, ?, ?, ?, ?, nullif(?, ?1)) ON CONFLICT (host, port, protocol, pinned_address, sni) DO NOTHING;
