-- Sets that an earlier assessment of this scan made, and that it has no more. While there are later scans one of them may
-- share it; a set of step 1 is its one observation's.
DELETE FROM finding_set
WHERE scan_id = :scan_id AND (sha256 IS NULL OR NOT EXISTS (SELECT 1 FROM scan AS s WHERE s.scan_id > :scan_id))
  AND finding_set_id NOT IN (SELECT o.finding_set_id FROM observation AS o
    WHERE o.scan_id = :scan_id AND o.finding_set_id IS NOT NULL);
