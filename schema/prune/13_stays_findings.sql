-- When a finding of the scans that stay was first made. Scans are mostly alike, so an endpoint has few sets of findings.
WITH present AS MATERIALIZED (
  SELECT DISTINCT k.endpoint_id, r.rule_id
  FROM (SELECT DISTINCT endpoint_id, finding_set_id FROM temp.prune_kept WHERE finding_set_id IS NOT NULL) AS k
    CROSS JOIN finding_set_row AS r ON r.finding_set_id = k.finding_set_id),
earlier AS MATERIALIZED (
  SELECT o.endpoint_id, o.finding_set_id, o.observation_id, min(p.place) AS place
  FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
  WHERE p.goes = 1 AND o.finding_set_id IS NOT NULL GROUP BY o.endpoint_id, o.finding_set_id)
INSERT OR IGNORE INTO temp.prune_stays (observation_id)
SELECT observation_id FROM (
  SELECT e.observation_id, min(e.place)
  FROM earlier AS e CROSS JOIN finding_set_row AS r ON r.finding_set_id = e.finding_set_id
  WHERE (e.endpoint_id, r.rule_id) IN (SELECT endpoint_id, rule_id FROM present)
  GROUP BY e.endpoint_id, r.rule_id);
