-- Whether an observation is of the scan that is assessed.
SELECT 1 FROM observation WHERE observation_id = :observation_id AND scan_id = :scan_id;
