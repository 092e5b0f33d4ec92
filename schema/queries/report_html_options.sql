-- The options that shaped the scan, one a row.
SELECT j.key AS name, CASE j.type WHEN 'true' THEN 'yes' WHEN 'false' THEN 'no' ELSE j.value END AS value
FROM scan AS s, json_each(s.options_json) AS j
WHERE s.scan_id = :scan_id AND json_valid(s.options_json) AND j.type <> 'null' AND j.value NOT IN ('', '[]')
ORDER BY j.key
