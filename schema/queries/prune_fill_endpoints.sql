INSERT INTO temp.prune_endpoint (endpoint_id, answers)
SELECT o.endpoint_id, min(o.outcome_id IN (0, 18))
FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
WHERE p.goes = 0 GROUP BY o.endpoint_id;
