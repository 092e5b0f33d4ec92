-- When a certificate of the scans that stay was first seen, as a leaf or in a chain: of the observations of that scan the
-- one with the lowest number, so that it is the same one the next time. Chains are shared by many leaves, so what is looked
-- for is few. `seen` is place and number in one, 40 bits for the latter.
WITH other AS MATERIALIZED (
  SELECT p.goes, p.place << 40 | o.observation_id AS seen, x.leaf_id, x.presented_chain_id, x.verified_chain_id
  FROM other_chain AS x CROSS JOIN observation AS o ON o.observation_id = x.observation_id
    CROSS JOIN temp.prune_scan AS p ON p.scan_id = o.scan_id),
kept_chain AS (
  SELECT presented_chain_id AS chain_id FROM temp.prune_kept
  UNION SELECT verified_chain_id FROM temp.prune_kept
  UNION SELECT presented_chain_id FROM other WHERE goes = 0
  UNION SELECT verified_chain_id FROM other WHERE goes = 0),
kept AS MATERIALIZED (
  SELECT leaf_id AS certificate_id FROM temp.prune_kept
  UNION SELECT leaf_id FROM other WHERE goes = 0
  UNION SELECT m.certificate_id FROM kept_chain AS k CROSS JOIN chain_certificate AS m ON m.chain_id = k.chain_id),
gone AS MATERIALIZED (
  SELECT p.place << 40 | o.observation_id AS seen, o.leaf_id, o.presented_chain_id, o.verified_chain_id
  FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id WHERE p.goes = 1 AND o.leaf_id IS NOT NULL
  UNION ALL
  SELECT seen, leaf_id, presented_chain_id, verified_chain_id FROM other WHERE goes = 1),
gone_chain AS (
  SELECT chain_id, min(seen) AS seen FROM (
    SELECT presented_chain_id AS chain_id, seen FROM gone WHERE presented_chain_id IS NOT NULL
    UNION ALL
    SELECT verified_chain_id, seen FROM gone WHERE verified_chain_id IS NOT NULL)
  GROUP BY chain_id),
met AS (
  SELECT leaf_id AS certificate_id, min(seen) AS seen FROM gone GROUP BY leaf_id
  UNION ALL
  SELECT m.certificate_id, c.seen FROM gone_chain AS c CROSS JOIN chain_certificate AS m ON m.chain_id = c.chain_id)
INSERT OR IGNORE INTO temp.prune_stays (observation_id)
SELECT min(seen) & (1 << 40) - 1 FROM met
WHERE certificate_id IN (SELECT k.certificate_id FROM kept AS k)
GROUP BY certificate_id;
