DELETE FROM finding WHERE observation_id IN (SELECT observation_id FROM observation WHERE scan_id = :scan_id);
