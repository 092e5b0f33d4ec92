DELETE FROM finding_row WHERE observation_id IN (SELECT observation_id FROM observation WHERE scan_id = :scan_id);
