INSERT INTO feature_set (sha256) VALUES (?);
