UPDATE temp.merge_plan AS p SET scan_id = n.scan_id
FROM (SELECT scan_uuid, (SELECT coalesce(max(s.scan_id), 0) FROM main.scan AS s)
    + row_number() OVER (ORDER BY started_s, scan_uuid) AS scan_id FROM temp.merge_plan) AS n
WHERE n.scan_uuid = p.scan_uuid;
