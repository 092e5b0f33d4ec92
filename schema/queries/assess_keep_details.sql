-- A detail is stored once, however many hosts and scans have it.
INSERT INTO finding_detail (text)
SELECT detail FROM temp.assess_found WHERE detail IS NOT NULL
ON CONFLICT (text) DO NOTHING;
