-- What each scan saw of a subject. Excluded, interrupted and failed on our own side (5, 20, 19) say nothing of a server,
-- nor does a family of addresses that the scan had no way to; a name without an address of the family that was asked for
-- (2) says nothing where only one was.
WITH own AS (
  SELECT s.endpoint_id, p.ordinal, o.observation_id
  FROM temp.subject AS s
    CROSS JOIN temp.past AS p
    CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = s.endpoint_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = s.endpoint_id
  WHERE (p.asks_ipv6 OR o.outcome_id <> 7 OR instr(e.address, ':') = 0)
    AND (p.asks_ipv4 OR o.outcome_id <> 7 OR instr(e.address, '.') = 0)),
name AS (                          -- a name that gives no address is an outage of every endpoint behind it
  SELECT s.endpoint_id, p.ordinal, o.observation_id
  FROM temp.subject AS s
    CROSS JOIN endpoint AS n ON n.target_id = s.target_id AND n.address = '' AND n.endpoint_id <> s.endpoint_id
    CROSS JOIN temp.past AS p ON p.ordinal >= 1
    CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = n.endpoint_id
  WHERE o.outcome_stage = 'dns'),
relative AS (                      -- a new address has the history of its target; so has a name that fails
  SELECT s.endpoint_id, p.ordinal, o.observation_id
  FROM temp.subject AS s
    CROSS JOIN endpoint AS e ON e.endpoint_id = s.endpoint_id
    CROSS JOIN endpoint AS r ON r.target_id = s.target_id AND r.endpoint_id <> s.endpoint_id
    CROSS JOIN temp.past AS p ON p.ordinal >= 1
    CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = r.endpoint_id
  WHERE o.outcome_stage <> 'dns'
    AND (e.address = '' OR p.ordinal > (SELECT max(w.ordinal) FROM temp.past AS w
      CROSS JOIN observation AS x ON x.scan_id = w.scan_id AND x.endpoint_id = s.endpoint_id))),
met AS (
  SELECT endpoint_id, ordinal, observation_id FROM own
  UNION ALL SELECT endpoint_id, ordinal, observation_id FROM name
  UNION ALL SELECT endpoint_id, ordinal, observation_id FROM relative)
INSERT OR IGNORE INTO temp.seen (endpoint_id, ordinal, observation_id, answered, name_failed, outcome_id, leaf_id,
  presented_chain_id, trusted, trust_detail, name_match, tls_version, cipher, kx_group, feature_set_id, finding_set_id, grade,
  grade_partial, depth)
SELECT m.endpoint_id, m.ordinal, o.observation_id, o.outcome_id IN (0, 18) OR o.leaf_id IS NOT NULL, o.outcome_stage = 'dns',
  o.outcome_id, o.leaf_id, o.presented_chain_id, o.trusted, o.trust_detail, o.name_match, o.tls_version, o.cipher,
  o.kx_group, o.feature_set_id, o.finding_set_id, o.grade, o.grade_partial,
  CASE st.profile WHEN 'deep' THEN 2 WHEN 'standard' THEN 1 WHEN 'quick' THEN 0 ELSE p.depth END
FROM met AS m CROSS JOIN observation AS o ON o.observation_id = m.observation_id
  CROSS JOIN temp.past AS p ON p.ordinal = m.ordinal
  CROSS JOIN temp.subject AS s ON s.endpoint_id = m.endpoint_id
  LEFT JOIN scan_target AS st ON st.scan_id = p.scan_id AND st.target_id = s.target_id
WHERE o.outcome_id NOT IN (5, 19, 20) AND (o.outcome_id <> 2 OR (p.asks_ipv4 AND p.asks_ipv6));
