-- What the oldest of the scans that stay is compared with: the finished scan before it that had the endpoint.
INSERT OR IGNORE INTO temp.prune_stays (observation_id)
SELECT observation_id FROM (
  SELECT o.observation_id, max(p.place)
  FROM temp.prune_scan AS p CROSS JOIN scan AS s ON s.scan_id = p.scan_id
    CROSS JOIN observation AS o ON o.scan_id = p.scan_id
  WHERE p.goes = 1 AND s.state = 'done' AND o.endpoint_id IN (SELECT k.endpoint_id FROM temp.prune_kept AS k)
  GROUP BY o.endpoint_id);
