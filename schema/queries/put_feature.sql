INSERT INTO feature (feature_set_id, kind, version, code, supported, rank, value, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?);
