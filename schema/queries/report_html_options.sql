-- The options that shaped the scan, one a row; a list is said with commas.
SELECT j.key AS name,
  CASE WHEN j.value = 'true' OR j.type = 'true' THEN 'yes' WHEN j.value = 'false' OR j.type = 'false' THEN 'no'
    WHEN j.key = 'groups' THEN (SELECT group_concat(json_extract(item.value, '$.name'), ', ') FROM json_each(j.value) AS item)
    WHEN j.type = 'array' THEN (SELECT group_concat(item.value, ', ') FROM json_each(j.value) AS item) ELSE j.value END AS value
FROM scan AS s, json_each(s.options_json) AS j
WHERE s.scan_id = :scan_id AND json_valid(s.options_json) AND j.type <> 'null' AND j.value NOT IN ('', '[]')
ORDER BY j.key
