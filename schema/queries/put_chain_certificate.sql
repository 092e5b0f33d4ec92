INSERT INTO chain_certificate (chain_id, position, certificate_id) VALUES (?, ?, ?);
