-- certificate-renewed, certificate-replaced, key-changed, issuer-changed, names-changed. A certificate is new where the
-- endpoint has not shown it in any scan that is looked back to, in its handshake or under its other key: machines behind a
-- balancer take turns. It is compared with the one of those in use that it most likely follows. Same names, same
-- organization that issued it, same type and size of key, and a new key: a routine renewal, which is quiet.
INSERT INTO temp.new_leaf (endpoint_id, old_id, new_id, same_key, same_names, same_issuer, same_policy)
WITH shown AS MATERIALIZED (
  SELECT endpoint_id, leaf_id, min(ordinal) AS ordinal, max(ordinal) AS since FROM temp.seen
  WHERE ordinal >= 1 AND leaf_id IS NOT NULL GROUP BY endpoint_id, leaf_id
  UNION ALL
  SELECT w.endpoint_id, x.leaf_id, min(w.ordinal), max(w.ordinal)
  FROM temp.seen AS w JOIN other_chain AS x USING (observation_id)
  WHERE w.ordinal >= 1 AND x.role = 'other-key' GROUP BY w.endpoint_id, x.leaf_id),
named AS MATERIALIZED (
  SELECT certificate_id, group_concat(name, ' ') AS names
  FROM (SELECT n.certificate_id, n.kind || ':' || n.name AS name FROM certificate_name AS n
    WHERE n.certificate_id IN (SELECT leaf_id FROM shown UNION SELECT o.leaf_id FROM temp.subject AS s
      CROSS JOIN observation AS o USING (observation_id)) ORDER BY n.certificate_id, n.kind, n.name)
  GROUP BY certificate_id),
pair AS (
  SELECT s.endpoint_id, p.leaf_id AS old_id, o.leaf_id AS new_id, p.ordinal, c.spki_sha256 IS q.spki_sha256 AS same_key,
    coalesce(cn.names, c.subject_cn) IS coalesce(qn.names, q.subject_cn) AS same_names,
    coalesce(nullif(c.issuer_organization, ''), c.issuer) IS coalesce(nullif(q.issuer_organization, ''), q.issuer)
      AS same_issuer,
    (c.key_type, c.key_bits) IS (q.key_type, q.key_bits) AS same_policy
  FROM temp.subject AS s
    CROSS JOIN observation AS o ON o.observation_id = s.observation_id
    JOIN shown AS p ON p.endpoint_id = s.endpoint_id
    JOIN certificate AS c ON c.certificate_id = o.leaf_id
    JOIN certificate AS q ON q.certificate_id = p.leaf_id
    LEFT JOIN named AS cn ON cn.certificate_id = o.leaf_id
    LEFT JOIN named AS qn ON qn.certificate_id = p.leaf_id
  WHERE NOT EXISTS (SELECT 1 FROM shown AS x WHERE x.endpoint_id = s.endpoint_id AND x.leaf_id = o.leaf_id)
    -- one that was not seen again once another had come is followed by that, and by no later one; but its key is known
    AND (c.spki_sha256 IS q.spki_sha256
      OR NOT EXISTS (SELECT 1 FROM shown AS x WHERE x.endpoint_id = s.endpoint_id AND x.since < p.ordinal)))
SELECT endpoint_id, old_id, new_id, same_key, same_names, same_issuer, same_policy FROM (
  SELECT *, row_number() OVER (PARTITION BY endpoint_id
    ORDER BY same_key + same_names + same_issuer + same_policy DESC, same_key DESC, ordinal, old_id DESC) AS place
  FROM pair)
WHERE place = 1;

-- A key that outlives its certificate is said: whoever has it keeps it.
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, n.endpoint_id,
  iif(n.same_key OR (n.same_names AND n.same_issuer), 'certificate-renewed', 'certificate-replaced'),
  iif(n.same_key, 'spki_sha256', 'leaf_sha256'), s.previous_scan_id,
  'sha256:' || lower(hex(iif(n.same_key, q.spki_sha256, q.sha256))),
  'sha256:' || lower(hex(iif(n.same_key, c.spki_sha256, c.sha256))),
  CASE WHEN n.same_key THEN 2 WHEN n.same_names AND n.same_issuer THEN 0 ELSE 1 END
FROM temp.new_leaf AS n
  JOIN temp.subject AS s USING (endpoint_id)
  JOIN certificate AS q ON q.certificate_id = n.old_id
  JOIN certificate AS c ON c.certificate_id = n.new_id;

INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, n.endpoint_id, 'key-changed', 'key_type', s.previous_scan_id,
  q.key_type || iif(q.key_type LIKE 'RSA%', ' ' || q.key_bits, ''), c.key_type || iif(c.key_type LIKE 'RSA%', ' ' || c.key_bits, ''),
  iif(c.key_type IS q.key_type AND c.key_bits < q.key_bits, 2, 1)
FROM temp.new_leaf AS n
  JOIN temp.subject AS s USING (endpoint_id)
  JOIN certificate AS q ON q.certificate_id = n.old_id
  JOIN certificate AS c ON c.certificate_id = n.new_id
WHERE NOT n.same_policy;

INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, n.endpoint_id, 'issuer-changed', 'issuer_organization', s.previous_scan_id,
  coalesce(nullif(q.issuer_organization, ''), q.issuer_cn, q.issuer), coalesce(nullif(c.issuer_organization, ''), c.issuer_cn, c.issuer),
  2
FROM temp.new_leaf AS n
  JOIN temp.subject AS s USING (endpoint_id)
  JOIN certificate AS q ON q.certificate_id = n.old_id
  JOIN certificate AS c ON c.certificate_id = n.new_id
WHERE NOT n.same_issuer;

-- before has the names that went, after those that came: twenty at most, a certificate may have thousands.
WITH other AS MATERIALIZED (
  SELECT n.endpoint_id, 0 AS is_new, m.kind, m.name FROM temp.new_leaf AS n
    JOIN certificate_name AS m ON m.certificate_id = n.old_id
  WHERE NOT n.same_names AND NOT EXISTS (SELECT 1 FROM certificate_name AS x
    WHERE x.certificate_id = n.new_id AND x.kind = m.kind AND x.name = m.name)
  UNION ALL
  SELECT n.endpoint_id, 1, m.kind, m.name FROM temp.new_leaf AS n
    JOIN certificate_name AS m ON m.certificate_id = n.new_id
  WHERE NOT n.same_names AND NOT EXISTS (SELECT 1 FROM certificate_name AS x
    WHERE x.certificate_id = n.old_id AND x.kind = m.kind AND x.name = m.name)),
numbered AS (
  SELECT *, row_number() OVER (PARTITION BY endpoint_id, is_new ORDER BY kind, name) AS place,
    count(*) OVER (PARTITION BY endpoint_id, is_new) AS num
  FROM other),
lists AS MATERIALIZED (
  SELECT endpoint_id, is_new, group_concat(name, ' ') || iif(max(num) > 20, printf(' (+%d more)', max(num) - 20), '') AS names
  FROM (SELECT endpoint_id, is_new, num, replace(replace(name, '\u00', '\u005cu00'), ' ', '\u0020') AS name FROM numbered
    WHERE place <= 20 ORDER BY endpoint_id, is_new, place)
  GROUP BY endpoint_id, is_new)
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, n.endpoint_id, 'names-changed', 'names', s.previous_scan_id, lost.names, won.names, iif(lost.names IS NULL, 1, 2)
FROM temp.new_leaf AS n
  JOIN temp.subject AS s USING (endpoint_id)
  LEFT JOIN lists AS lost ON lost.endpoint_id = n.endpoint_id AND lost.is_new = 0
  LEFT JOIN lists AS won ON won.endpoint_id = n.endpoint_id AND won.is_new = 1
WHERE lost.names IS NOT NULL OR won.names IS NOT NULL;
