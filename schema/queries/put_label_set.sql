INSERT INTO label_set (sha256) VALUES (?);
