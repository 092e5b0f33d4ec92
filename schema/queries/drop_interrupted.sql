-- What was interrupted is done anew; the row of a name that had not been looked up has no address to come back to.
DELETE FROM observation WHERE scan_id = ?1 AND outcome_id = 20
  AND endpoint_id IN (SELECT endpoint_id FROM endpoint WHERE target_id = ?2);
