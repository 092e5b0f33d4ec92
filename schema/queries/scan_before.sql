-- The newest finished scan before :scan_id whose targets came from the same files and groups (as changes/01_past.sql has
-- it), or by hand like its own.
WITH source AS MATERIALIZED (
  SELECT scan_id, CASE json_type(options, '$.groups') WHEN 'array' THEN coalesce(json_extract(options, '$.input'), '') || (
      SELECT group_concat(json_extract(g.value, '$.name') || coalesce(json_extract(g.value, '$.input'), ''))
      FROM json_each(options, '$.groups') AS g)
    ELSE json_extract(options, '$.input') END AS list
  FROM (SELECT scan_id, iif(json_valid(options_json), options_json, '{}') AS options FROM scan))
SELECT s.scan_id
FROM source AS now CROSS JOIN source AS o CROSS JOIN scan AS s ON s.scan_id = o.scan_id
WHERE now.scan_id = :scan_id AND o.list IS now.list AND s.state = 'done' AND s.scan_id <> :scan_id
ORDER BY s.started_s DESC, s.scan_id DESC LIMIT 1;
