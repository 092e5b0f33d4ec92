INSERT INTO finding_set (sha256, scan_id) VALUES (?, ?);
