-- finding-new, finding-fixed. A finding is there where it was found. It is not there where its rule was run, the endpoint
-- answered, and, for what a survey finds, the survey was whole and as deep as one that has found it anywhere; else nothing
-- is known. A new problem is told at once (of an endpoint that failed: once that has lasted), the end of one once it has
-- lasted. What gave way to a worse name of the same cause is not fixed.
INSERT OR IGNORE INTO temp.rule_key (finding_set_id, rules, plain)
SELECT finding_set_id, group_concat(rule_id), coalesce(group_concat(iif(reads_survey, NULL, rule_id)), '') FROM (
  SELECT r.finding_set_id, r.rule_id, u.reads_survey
  FROM (SELECT DISTINCT finding_set_id FROM temp.seen WHERE finding_set_id IS NOT NULL) AS d
    CROSS JOIN finding_set_row AS r ON r.finding_set_id = d.finding_set_id
    CROSS JOIN rule AS u ON u.rule_id = r.rule_id
  ORDER BY r.finding_set_id, r.rule_id)
GROUP BY finding_set_id;

-- Who had the same rules whenever it was surveyed, and the same of those that need no survey, has no news.
WITH whole AS MATERIALIZED (
  SELECT d.feature_set_id
  FROM (SELECT DISTINCT feature_set_id FROM temp.seen WHERE feature_set_id IS NOT NULL) AS d
    CROSS JOIN feature AS f ON f.feature_set_id = d.feature_set_id AND f.kind = 'trait' AND f.version = 0 AND f.code = 45
      AND f.supported = 1),
sight AS MATERIALIZED (
  SELECT w.endpoint_id, w.ordinal, w.answered, w.observation_id, w.finding_set_id, w.depth,
    h.feature_set_id IS NOT NULL AS is_surveyed
  FROM temp.seen AS w LEFT JOIN whole AS h ON h.feature_set_id = w.feature_set_id),
various AS MATERIALIZED (
  SELECT s.endpoint_id FROM sight AS s LEFT JOIN temp.rule_key AS k ON k.finding_set_id = s.finding_set_id
  GROUP BY s.endpoint_id
  HAVING count(DISTINCT iif(s.is_surveyed, coalesce(k.rules, ''), NULL)) > 1 OR count(DISTINCT coalesce(k.plain, '')) > 1
    OR max(NOT s.is_surveyed AND k.rules <> k.plain)),
sighted AS MATERIALIZED (
  SELECT s.*, p.scan_id FROM various AS d JOIN sight AS s USING (endpoint_id) JOIN temp.past AS p USING (ordinal)),
found AS MATERIALIZED (
  SELECT s.endpoint_id, s.ordinal, r.rule_id, s.depth
  FROM sighted AS s CROSS JOIN finding_set_row AS r ON r.finding_set_id = s.finding_set_id
  GROUP BY s.endpoint_id, s.ordinal, r.rule_id),
rule_depth AS MATERIALIZED (       -- the shallowest survey that found it, the newest scan of each depth and the newest mixed one looked at
  SELECT r.rule_id, min(d.depth) AS depth
  FROM (
      SELECT DISTINCT p.depth, o.finding_set_id FROM temp.past AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
      WHERE p.ordinal IN (SELECT min(ordinal) FROM temp.past WHERE NOT is_mixed GROUP BY depth)
        AND (SELECT count(DISTINCT depth) > 1 OR max(is_mixed) FROM temp.past)
      UNION
      SELECT CASE st.profile WHEN 'deep' THEN 2 WHEN 'standard' THEN 1 WHEN 'quick' THEN 0 ELSE p.depth END, o.finding_set_id
      FROM temp.past AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
        CROSS JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
        CROSS JOIN scan_target AS st ON st.scan_id = p.scan_id AND st.target_id = e.target_id
      WHERE p.ordinal = (SELECT min(ordinal) FROM temp.past WHERE is_mixed)) AS d
    CROSS JOIN finding_set_row AS r ON r.finding_set_id = d.finding_set_id
  GROUP BY r.rule_id),
known AS MATERIALIZED (
  SELECT k.endpoint_id, k.rule_id, iif(r.reads_survey, min(k.depth, coalesce(d.depth, k.depth)), NULL) AS depth,
    coalesce(r.first_scan_id, 0) AS first_scan_id, coalesce(r.last_scan_id, 0) AS last_scan_id
  FROM (SELECT endpoint_id, rule_id, count(*) AS num, min(depth) AS depth FROM found GROUP BY endpoint_id, rule_id) AS k
    JOIN (SELECT endpoint_id, count(DISTINCT ordinal) AS num FROM sighted GROUP BY endpoint_id) AS n USING (endpoint_id)
    JOIN rule AS r USING (rule_id)
    LEFT JOIN rule_depth AS d USING (rule_id)
  WHERE k.num < n.num),
step AS (
  SELECT endpoint_id, rule_id, ordinal, max(is_there) AS is_there FROM (
    SELECT f.endpoint_id, f.rule_id, f.ordinal, 1 AS is_there FROM known AS k JOIN found AS f USING (endpoint_id, rule_id)
    UNION ALL
    SELECT k.endpoint_id, k.rule_id, s.ordinal, 0
    FROM known AS k JOIN sighted AS s USING (endpoint_id)
    WHERE s.answered AND s.scan_id BETWEEN k.first_scan_id AND k.last_scan_id
      AND (k.depth IS NULL OR (s.is_surveyed AND s.depth >= k.depth)))
  GROUP BY endpoint_id, rule_id, ordinal),
turned AS MATERIALIZED (
  SELECT endpoint_id, rule_id, told(group_concat(is_there, ''), iif(answered, 1, :confirm_after), :confirm_after, :hold, :turns) AS was
  FROM (SELECT x.*, n.answered FROM step AS x
    JOIN (SELECT endpoint_id, max(answered) AS answered FROM sighted WHERE ordinal = 0 GROUP BY endpoint_id) AS n USING (endpoint_id)
    ORDER BY x.endpoint_id, x.rule_id, x.ordinal DESC)
  GROUP BY endpoint_id, rule_id HAVING min(ordinal) = 0 AND min(is_there) <> max(is_there)),
gives_way (name, worse) AS (
  VALUES ('cert-renewal-due', 'cert-expiring'), ('cert-renewal-due', 'cert-expired'), ('cert-expiring', 'cert-expired'),
    ('chain-intermediate-expiring', 'cert-expired'), ('tls13-missing', 'tls12-missing-no-tls13'))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, t.endpoint_id, iif(t.was = '0', 'finding-new', 'finding-fixed'), r.name, s.previous_scan_id,
  iif(t.was = '0', NULL, (SELECT x.text FROM sighted AS w CROSS JOIN finding_set_row AS f
      CROSS JOIN finding_detail AS x ON x.detail_id = f.detail_id
    WHERE w.endpoint_id = t.endpoint_id AND f.finding_set_id = w.finding_set_id AND f.rule_id = t.rule_id
    ORDER BY w.ordinal, w.observation_id LIMIT 1)),
  d.text,
  iif(t.was = '0', iif(v.until_s IS NULL, coalesce(n.severity, r.severity), 0), min(r.severity, 1))
FROM turned AS t
  JOIN rule AS r USING (rule_id)
  JOIN temp.subject AS s USING (endpoint_id)
  JOIN observation AS o USING (observation_id)
  LEFT JOIN finding_set_row AS n ON n.finding_set_id = o.finding_set_id AND n.rule_id = t.rule_id
  LEFT JOIN finding_detail AS d ON d.detail_id = n.detail_id
  LEFT JOIN finding_waiver AS v ON v.observation_id = o.observation_id AND v.rule_id = t.rule_id
WHERE t.was IS NOT NULL
  AND NOT (t.was = '1' AND EXISTS (SELECT 1 FROM gives_way AS g
    JOIN rule AS x ON x.name = g.worse
    JOIN found AS f ON f.endpoint_id = t.endpoint_id AND f.ordinal = 0 AND f.rule_id = x.rule_id
    WHERE g.name = r.name));
