-- A set that an earlier scan has too is no longer the later one's alone, whose next assessment may drop what it had first.
UPDATE finding_set SET scan_id = ?1
WHERE scan_id > ?1 AND finding_set_id IN (SELECT b.finding_set_id FROM temp.assess_bundle AS b);
