-- When an endpoint that does not answer last did: reports say it of every name without a certificate, and count all
-- addresses of the name.
INSERT OR IGNORE INTO temp.prune_stays (observation_id)
SELECT observation_id FROM (
  SELECT o.observation_id, max(p.place)
  FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
  WHERE p.goes = 1 AND o.outcome_id IN (0, 18) AND e.target_id IN (
    SELECT n.target_id FROM temp.prune_kept AS k JOIN endpoint AS n ON n.endpoint_id = k.endpoint_id WHERE k.answers = 0
    UNION ALL
    SELECT n.target_id FROM temp.prune_stays AS y JOIN observation AS l ON l.observation_id = y.observation_id
      JOIN endpoint AS n ON n.endpoint_id = l.endpoint_id WHERE l.outcome_id NOT IN (0, 18))
  GROUP BY o.endpoint_id);
