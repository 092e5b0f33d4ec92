-- What a scan asked on request alone (--intrusive), by the option's names.
SELECT i.value AS name
FROM scan AS s, json_each(CASE WHEN json_valid(s.options_json) THEN s.options_json ELSE '{}' END, '$.intrusive') AS i
WHERE s.scan_id = :scan_id AND i.type = 'text' ORDER BY i.value;
