-- Scans of which something stays, and how much.
SELECT count(DISTINCT o.scan_id), count(*)
FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id WHERE p.goes = 1;
