-- What each scan saw of a subject. Excluded, interrupted and failed on our own side (5, 20, 19) say nothing of a server,
-- nor does a family of addresses that the scan had no way to; a name without an address of the family that was asked for
-- (2) says nothing where only one was.
INSERT INTO temp.seen (endpoint_id, ordinal, observation_id, answered, name_failed, is_own, outcome_id, leaf_id, presented_chain_id, trusted, trust_detail, name_match,
  tls_version, cipher, kx_group, feature_set_id, finding_set_id, grade, grade_partial)
SELECT s.endpoint_id, p.ordinal, o.observation_id, o.outcome_id IN (0, 18) OR o.leaf_id IS NOT NULL, o.outcome_stage = 'dns', 1,
  o.outcome_id, o.leaf_id, o.presented_chain_id, o.trusted, o.trust_detail, o.name_match, o.tls_version, o.cipher, o.kx_group,
  o.feature_set_id, o.finding_set_id, o.grade, o.grade_partial
FROM temp.subject AS s
  CROSS JOIN temp.past AS p
  CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = s.endpoint_id
  CROSS JOIN endpoint AS e ON e.endpoint_id = s.endpoint_id
WHERE o.outcome_id NOT IN (5, 19, 20)
  AND (p.asks_ipv6 OR o.outcome_id <> 7 OR instr(e.address, ':') = 0)
  AND (p.asks_ipv4 OR o.outcome_id <> 7 OR instr(e.address, '.') = 0)
  AND (o.outcome_id <> 2 OR (p.asks_ipv4 AND p.asks_ipv6));

-- A name that gives no address is an outage of every endpoint behind it.
INSERT OR IGNORE INTO temp.seen (endpoint_id, ordinal, observation_id, answered, name_failed, is_own, outcome_id, leaf_id, presented_chain_id, trusted, trust_detail, name_match,
  tls_version, cipher, kx_group, feature_set_id, finding_set_id, grade, grade_partial)
SELECT s.endpoint_id, p.ordinal, o.observation_id, 0, 1, 1, o.outcome_id, o.leaf_id, o.presented_chain_id, o.trusted, o.trust_detail, o.name_match, o.tls_version, o.cipher, o.kx_group,
  o.feature_set_id, o.finding_set_id, o.grade, o.grade_partial
FROM temp.subject AS s
  CROSS JOIN endpoint AS n ON n.target_id = s.target_id AND n.address = ''
  CROSS JOIN temp.past AS p ON p.ordinal >= 1
  CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = n.endpoint_id
WHERE n.endpoint_id <> s.endpoint_id AND o.outcome_stage = 'dns' AND o.outcome_id NOT IN (5, 19, 20)
  AND (o.outcome_id <> 2 OR (p.asks_ipv4 AND p.asks_ipv6));

-- An address that is new has the history that its target had before; so has the name, which is an endpoint when it fails.
INSERT OR IGNORE INTO temp.seen (endpoint_id, ordinal, observation_id, answered, name_failed, is_own, outcome_id, leaf_id, presented_chain_id, trusted, trust_detail, name_match,
  tls_version, cipher, kx_group, feature_set_id, finding_set_id, grade, grade_partial)
SELECT s.endpoint_id, p.ordinal, o.observation_id, o.outcome_id IN (0, 18) OR o.leaf_id IS NOT NULL, 0, 0,
  o.outcome_id, o.leaf_id, o.presented_chain_id, o.trusted, o.trust_detail, o.name_match, o.tls_version, o.cipher, o.kx_group,
  o.feature_set_id, o.finding_set_id, o.grade, o.grade_partial
FROM temp.subject AS s
  CROSS JOIN endpoint AS own ON own.endpoint_id = s.endpoint_id
  CROSS JOIN endpoint AS r ON r.target_id = s.target_id
  CROSS JOIN temp.past AS p ON p.ordinal >= 1
  CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = r.endpoint_id
WHERE r.endpoint_id <> s.endpoint_id AND o.outcome_stage <> 'dns' AND o.outcome_id NOT IN (5, 19, 20)
  AND (own.address = '' OR p.ordinal > (SELECT max(w.ordinal) FROM temp.seen AS w
    WHERE w.endpoint_id = s.endpoint_id AND w.is_own = 1 AND w.name_failed = 0));
