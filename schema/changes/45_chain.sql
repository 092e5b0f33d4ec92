-- chain-changed: the same certificate as in a scan before, in other company. What comes with a new certificate is part of
-- that, and if its path does not verify, trust-changed says so.
WITH shown AS MATERIALIZED (
  SELECT endpoint_id, ordinal, leaf_id, presented_chain_id FROM temp.seen
  WHERE ordinal >= 1 AND leaf_id IS NOT NULL),
other AS (
  SELECT s.endpoint_id, s.previous_scan_id, o.presented_chain_id AS new_id,
    (SELECT x.presented_chain_id FROM shown AS x WHERE x.endpoint_id = s.endpoint_id AND x.leaf_id = o.leaf_id
      ORDER BY x.ordinal LIMIT 1) AS old_id
  FROM temp.subject AS s CROSS JOIN observation AS o USING (observation_id)
  WHERE EXISTS (SELECT 1 FROM shown AS x WHERE x.endpoint_id = s.endpoint_id AND x.leaf_id = o.leaf_id)
    AND NOT EXISTS (SELECT 1 FROM shown AS x WHERE x.endpoint_id = s.endpoint_id
      AND (x.leaf_id, x.presented_chain_id) IS (o.leaf_id, o.presented_chain_id)))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, endpoint_id, 'chain-changed', 'presented_chain', previous_scan_id,
  coalesce((SELECT group_concat(name, ' > ') FROM (SELECT coalesce(c.subject_cn, c.subject, '?') AS name
    FROM chain_certificate AS m JOIN certificate AS c USING (certificate_id)
    WHERE m.chain_id = old_id ORDER BY m.position LIMIT 10)), 'the leaf alone'),
  coalesce((SELECT group_concat(name, ' > ') FROM (SELECT coalesce(c.subject_cn, c.subject, '?') AS name
    FROM chain_certificate AS m JOIN certificate AS c USING (certificate_id)
    WHERE m.chain_id = new_id ORDER BY m.position LIMIT 10)), 'the leaf alone'),
  1
FROM other;
