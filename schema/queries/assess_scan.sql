-- The clock of a scan, how much there is to look at, and whether it was assessed before.
SELECT as_of_s, (SELECT count(*) FROM observation WHERE scan_id = :scan_id),
  EXISTS (SELECT 1 FROM observation WHERE scan_id = :scan_id AND finding_set_id IS NOT NULL)
FROM scan WHERE scan_id = :scan_id;
