-- A scan was judged with the rule. What it finds no more is only then gone.
UPDATE rule SET last_scan_id = max(coalesce(last_scan_id, 0), :scan_id), reads_survey = :reads_survey
WHERE rule_id = :rule_id AND (coalesce(last_scan_id, 0) < :scan_id OR reads_survey <> :reads_survey);
