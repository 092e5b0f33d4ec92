-- Most endpoints are as they were: their rows name the same certificate, features and findings as in the scans that are
-- near. Rules are compared rather than finding sets, whose details count days.
INSERT INTO temp.rule_key (finding_set_id, rules, plain)
SELECT finding_set_id, group_concat(rule_id), coalesce(group_concat(iif(reads_survey, NULL, rule_id)), '') FROM (
  SELECT r.finding_set_id, r.rule_id, u.reads_survey
  FROM (SELECT DISTINCT o.finding_set_id FROM temp.past AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
      WHERE (p.ordinal = 0 OR p.nearness > 0) AND o.finding_set_id IS NOT NULL) AS d
    CROSS JOIN finding_set_row AS r ON r.finding_set_id = d.finding_set_id
    CROSS JOIN rule AS u ON u.rule_id = r.rule_id
  ORDER BY r.finding_set_id, r.rule_id)
GROUP BY finding_set_id;

WITH differing AS (
  SELECT o.endpoint_id FROM observation AS o LEFT JOIN temp.rule_key AS n ON n.finding_set_id = o.finding_set_id
  WHERE o.scan_id = :scan_id AND EXISTS (
    SELECT 1 FROM temp.past AS p
      LEFT JOIN observation AS b ON b.scan_id = p.scan_id AND b.endpoint_id = o.endpoint_id
      LEFT JOIN temp.rule_key AS k ON k.finding_set_id = b.finding_set_id
    WHERE p.nearness > 0
      AND (b.observation_id IS NULL
        OR (o.outcome_id, o.leaf_id, o.presented_chain_id, o.chain_status, o.trusted, o.trust_detail, o.name_match, o.tls_version)
          IS NOT (b.outcome_id, b.leaf_id, b.presented_chain_id, b.chain_status, b.trusted, b.trust_detail, b.name_match,
            b.tls_version)
        OR (p.nearness = 2 AND (o.feature_set_id, o.cipher, o.kx_group, o.grade)
          IS NOT (b.feature_set_id, b.cipher, b.kx_group, b.grade))
        OR (o.finding_set_id IS NOT b.finding_set_id
          AND coalesce(iif(p.nearness = 2, n.rules, n.plain), '') <> coalesce(iif(p.nearness = 2, k.rules, k.plain), ''))))),
met_by_hand AS (
  SELECT b.endpoint_id FROM temp.past AS p CROSS JOIN observation AS b ON b.scan_id = p.scan_id
  WHERE p.is_small AND p.ordinal BETWEEN 1 AND :hold),
restless AS (                      -- told of twice in one thing: what came and went is told when it has stayed for a :hold
  SELECT c.endpoint_id FROM temp.past AS p CROSS JOIN main.change AS c ON c.scan_id = p.scan_id
  WHERE p.ordinal >= 1 GROUP BY c.endpoint_id, c.field HAVING count(*) > 1),
chosen AS (
  SELECT o.endpoint_id, e.target_id, o.observation_id,
    (SELECT p.scan_id FROM temp.past AS p CROSS JOIN scan_target AS b ON b.scan_id = p.scan_id AND b.target_id = e.target_id
      WHERE p.ordinal >= 1 ORDER BY p.ordinal LIMIT 1) AS previous_scan_id
  FROM (SELECT endpoint_id FROM differing UNION SELECT endpoint_id FROM met_by_hand UNION SELECT endpoint_id FROM restless) AS c
    CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = c.endpoint_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
  WHERE o.outcome_id NOT IN (5, 19, 20))
INSERT INTO temp.subject (endpoint_id, target_id, observation_id, previous_scan_id)
SELECT endpoint_id, target_id, observation_id, previous_scan_id FROM chosen WHERE previous_scan_id IS NOT NULL;
