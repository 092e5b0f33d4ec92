-- When a certificate of the scans that stay was first seen, as a leaf or in a chain. Chains are shared by many leaves, so
-- what is looked for is few.
WITH used AS MATERIALIZED (
  SELECT p.goes, p.place, o.observation_id, o.leaf_id, o.presented_chain_id, o.verified_chain_id
  FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id WHERE o.leaf_id IS NOT NULL
  UNION ALL
  SELECT p.goes, p.place, o.observation_id, x.leaf_id, x.presented_chain_id, x.verified_chain_id
  FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
    CROSS JOIN other_chain AS x ON x.observation_id = o.observation_id),
chained AS MATERIALIZED (
  SELECT goes, chain_id, observation_id, min(place) AS place FROM (
    SELECT goes, presented_chain_id AS chain_id, observation_id, place FROM used WHERE presented_chain_id IS NOT NULL
    UNION ALL
    SELECT goes, verified_chain_id, observation_id, place FROM used WHERE verified_chain_id IS NOT NULL)
  GROUP BY goes, chain_id),
met AS MATERIALIZED (
  SELECT goes, leaf_id AS certificate_id, observation_id, min(place) AS place FROM used GROUP BY goes, leaf_id
  UNION ALL
  SELECT c.goes, m.certificate_id, c.observation_id, c.place
  FROM chained AS c CROSS JOIN chain_certificate AS m ON m.chain_id = c.chain_id)
INSERT OR IGNORE INTO temp.prune_stays (observation_id)
SELECT observation_id FROM (
  SELECT observation_id, min(place) FROM met
  WHERE goes = 1 AND certificate_id IN (SELECT k.certificate_id FROM met AS k WHERE k.goes = 0)
  GROUP BY certificate_id);
