-- When an endpoint of the scans that stay was first seen.
INSERT OR IGNORE INTO temp.prune_stays (observation_id)
SELECT observation_id FROM (
  SELECT o.observation_id, min(p.place)
  FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
  WHERE p.goes = 1 AND o.endpoint_id IN (SELECT k.endpoint_id FROM temp.prune_kept AS k)
  GROUP BY o.endpoint_id);
