-- suite-changed and group-changed, one each for all that came and went: after has the former, before the latter. What no
-- row names is refused only where the survey was complete (traits 41 and 42), and as deep as the one that found it.
WITH kind (kind, complete) AS (VALUES ('cipher', 41), ('group', 42)),
sight AS MATERIALIZED (
  SELECT endpoint_id, ordinal, feature_set_id, depth FROM temp.seen WHERE feature_set_id IS NOT NULL),
line AS MATERIALIZED (             -- like servers were seen alike: each line of scans is looked at once
  SELECT endpoint_id, group_concat(ordinal || ':' || feature_set_id || ':' || depth) AS seen_in
  FROM (SELECT * FROM sight ORDER BY endpoint_id, ordinal, feature_set_id)
  GROUP BY endpoint_id HAVING count(DISTINCT feature_set_id) > 1 AND min(ordinal) = 0),
model AS MATERIALIZED (SELECT seen_in, min(endpoint_id) AS endpoint_id FROM line GROUP BY seen_in),
survey AS MATERIALIZED (
  SELECT s.endpoint_id, s.ordinal, s.feature_set_id, s.depth FROM model AS d JOIN sight AS s USING (endpoint_id)),
whole AS MATERIALIZED (
  SELECT d.feature_set_id, k.kind
  FROM (SELECT DISTINCT feature_set_id FROM survey) AS d
    CROSS JOIN kind AS k
    CROSS JOIN feature AS f ON f.feature_set_id = d.feature_set_id AND f.kind = 'trait' AND f.code = k.complete
  GROUP BY d.feature_set_id, k.kind HAVING count(*) = sum(f.supported IS 1)),
accepted AS MATERIALIZED (
  SELECT DISTINCT s.endpoint_id, s.ordinal, s.depth, f.kind, f.code
  FROM survey AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind IN ('cipher', 'group') AND f.supported = 1),
known AS (
  SELECT endpoint_id, kind, code, min(depth) AS depth FROM accepted GROUP BY endpoint_id, kind, code),
step AS (
  SELECT endpoint_id, kind, code, ordinal, max(is_accepted) AS is_accepted FROM (
    SELECT endpoint_id, kind, code, ordinal, 1 AS is_accepted FROM accepted
    UNION ALL
    SELECT k.endpoint_id, k.kind, k.code, s.ordinal, 0
    FROM known AS k
      JOIN survey AS s ON s.endpoint_id = k.endpoint_id AND s.depth >= k.depth
      JOIN whole AS h ON h.feature_set_id = s.feature_set_id AND h.kind = k.kind)
  GROUP BY endpoint_id, kind, code, ordinal),
turned AS MATERIALIZED (
  SELECT endpoint_id, kind, code, told(group_concat(is_accepted, ''), :confirm_after, :confirm_after, :hold, :turns) AS was
  FROM (SELECT * FROM step ORDER BY endpoint_id, kind, code, ordinal DESC)
  GROUP BY endpoint_id, kind, code HAVING min(ordinal) = 0 AND min(is_accepted) <> max(is_accepted)),
named AS (
  SELECT t.endpoint_id, t.kind, t.was, coalesce(r.name, printf('0x%04X', t.code)) AS name,
    CASE WHEN t.kind = 'cipher' THEN t.was = '0' AND q.quality = 'insecure' ELSE t.was = '1' AND g.is_post_quantum END AS is_bad
  FROM turned AS t
    LEFT JOIN registry_name AS r ON r.kind = t.kind AND r.code = t.code
    LEFT JOIN suite AS q ON t.kind = 'cipher' AND q.code = t.code
    LEFT JOIN tls_group AS g ON t.kind = 'group' AND g.code = t.code
  WHERE t.was IS NOT NULL),
listed AS (
  SELECT endpoint_id, kind, group_concat(iif(was = '1', name, NULL), ' ') AS lost, group_concat(iif(was = '0', name, NULL), ' ') AS won,
    max(is_bad) AS is_bad
  FROM (SELECT * FROM named ORDER BY endpoint_id, kind, name) GROUP BY endpoint_id, kind)
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, m.endpoint_id, iif(l.kind = 'cipher', 'suite-changed', 'group-changed'),
  iif(l.kind = 'cipher', 'suites_supported', 'groups_supported'), s.previous_scan_id, l.lost, l.won, iif(l.is_bad, 2, 1)
FROM listed AS l
  JOIN model AS d USING (endpoint_id)
  JOIN line AS m ON m.seen_in = d.seen_in
  JOIN temp.subject AS s ON s.endpoint_id = m.endpoint_id;

-- Without a survey, what the handshake agreed on: one suite or group that the endpoint had not chosen before, under the
-- same version and kind of key.
WITH agreed AS MATERIALIZED (
  SELECT w.endpoint_id, w.ordinal, w.tls_version, w.cipher, w.kx_group, c.key_type
  FROM temp.seen AS w CROSS JOIN certificate AS c ON c.certificate_id = w.leaf_id
  WHERE w.feature_set_id IS NULL AND w.tls_version IS NOT NULL),
choice AS (
  SELECT endpoint_id, ordinal, tls_version, key_type, 'cipher' AS field, cipher AS code FROM agreed WHERE cipher IS NOT NULL
  UNION ALL
  SELECT endpoint_id, ordinal, tls_version, key_type, 'kx_group', kx_group FROM agreed WHERE kx_group IS NOT NULL)
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, n.endpoint_id, iif(n.field = 'cipher', 'suite-changed', 'group-changed'), n.field, s.previous_scan_id,
  coalesce(old.name, printf('0x%04X', b.code)), coalesce(new.name, printf('0x%04X', n.code)), 1
FROM choice AS n
  JOIN temp.subject AS s USING (endpoint_id)
  JOIN choice AS b ON b.endpoint_id = n.endpoint_id AND b.field = n.field
    AND b.ordinal = (SELECT min(x.ordinal) FROM choice AS x WHERE x.endpoint_id = n.endpoint_id AND x.field = n.field
      AND x.ordinal >= 1 AND (x.tls_version, x.key_type) IS (n.tls_version, n.key_type))
  LEFT JOIN registry_name AS old ON old.kind = iif(n.field = 'cipher', 'cipher', 'group') AND old.code = b.code
  LEFT JOIN registry_name AS new ON new.kind = iif(n.field = 'cipher', 'cipher', 'group') AND new.code = n.code
WHERE n.ordinal = 0 AND NOT EXISTS (SELECT 1 FROM choice AS x WHERE x.endpoint_id = n.endpoint_id AND x.field = n.field
  AND x.ordinal >= 1 AND x.code = n.code);
