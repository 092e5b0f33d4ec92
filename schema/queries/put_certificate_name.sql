INSERT OR IGNORE INTO certificate_name (certificate_id, kind, name) VALUES (?, ?, ?);
