-- The clock of a scan, and how much there is to look at.
SELECT as_of_s, (SELECT count(*) FROM observation WHERE scan_id = :scan_id) FROM scan WHERE scan_id = :scan_id;
