INSERT INTO target (host, port, protocol, pinned_address, sni, host_unicode, registrable_domain, input_text)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, ?1)) ON CONFLICT (host, port, protocol, pinned_address, sni) DO NOTHING;
