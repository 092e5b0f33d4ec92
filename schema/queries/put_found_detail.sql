INSERT INTO temp.assess_detail (sha256, text) VALUES (?, ?);
