-- A detail is stored once, however many hosts and scans have it.
INSERT INTO finding_detail (text) SELECT text FROM temp.assess_detail WHERE detail_id = ?
ON CONFLICT (text) DO NOTHING;
