INSERT INTO chain (sha256) VALUES (?);
