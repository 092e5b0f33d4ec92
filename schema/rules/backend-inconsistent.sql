-- id: backend-inconsistent
-- severity: low
-- title: Addresses of one name are configured differently
-- why: The name has several addresses that do not answer alike, so visitors see one certificate or another by
--   chance, and a fault comes and goes. Often one server was forgotten in an update.
-- remedy: Install the same certificate and configuration on all the addresses (compare with openssl s_client
--   -connect ADDRESS:PORT -servername NAME), then scan again.
-- source: tlscensus policy: all addresses of a name answer alike
--
-- Compared among the addresses that showed a certificate: the leaf, the TLS version and the cipher suite agreed on;
-- the versions of which the survey knows a yes and a no; and the suites of versions of which it knows them all. One
-- address alone is found as well, where it answered equal questions differently.
WITH uneven AS MATERIALIZED (
  SELECT e.target_id, count(*) AS addresses_count, count(DISTINCT o.leaf_id) AS leaves_count,
    count(DISTINCT o.tls_version) AS versions_count, count(DISTINCT o.cipher) AS ciphers_count,
    count(DISTINCT o.feature_set_id) AS sets_count
  FROM scan_target AS st
    CROSS JOIN endpoint AS e ON e.target_id = st.target_id
    CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  WHERE st.scan_id = :scan_id AND st.endpoints_count > 1 AND o.leaf_id IS NOT NULL
  GROUP BY e.target_id HAVING leaves_count > 1 OR versions_count > 1 OR ciphers_count > 1 OR sets_count > 1),
surveyed AS MATERIALIZED (
  SELECT DISTINCT u.target_id, o.feature_set_id
  FROM uneven AS u
    CROSS JOIN endpoint AS e ON e.target_id = u.target_id
    CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  WHERE u.sets_count > 1 AND o.feature_set_id IS NOT NULL AND o.leaf_id IS NOT NULL
  ORDER BY u.target_id, o.feature_set_id),
combined AS MATERIALIZED (
  SELECT target_id, group_concat(feature_set_id) AS sets FROM surveyed GROUP BY target_id),
member AS MATERIALIZED (
  SELECT DISTINCT c.sets, s.feature_set_id FROM combined AS c JOIN surveyed AS s ON s.target_id = c.target_id),
split_version AS MATERIALIZED (
  SELECT m.sets, f.code
  FROM member AS m CROSS JOIN feature AS f ON f.feature_set_id = m.feature_set_id AND f.kind = 'version'
  GROUP BY m.sets, f.code HAVING min(f.supported) = 0 AND max(f.supported) = 1),
complete AS MATERIALIZED (
  SELECT m.sets, m.feature_set_id, f.version, count(*) OVER (PARTITION BY m.sets, f.version) AS num_sets
  FROM member AS m
    CROSS JOIN feature AS f ON f.feature_set_id = m.feature_set_id AND f.kind = 'trait' AND f.code = 41 -- ciphers_complete
  WHERE f.supported = 1),
split_suite AS MATERIALIZED (
  SELECT c.sets, c.version, f.code
  FROM complete AS c
    CROSS JOIN feature AS f ON f.feature_set_id = c.feature_set_id AND f.kind = 'cipher' AND f.version = c.version
  WHERE f.supported = 1
  GROUP BY c.sets, c.version, f.code HAVING count(*) < min(c.num_sets)),
told_version AS (
  SELECT m.sets, m.feature_set_id, group_concat(printf('%s accepted by some only (here: %s)',
    coalesce(r.name, printf('0x%04X', v.code)), iif(f.supported, 'yes', 'no')), ', ') AS words
  FROM split_version AS v
    JOIN member AS m ON m.sets = v.sets
    CROSS JOIN feature AS f ON f.feature_set_id = m.feature_set_id AND f.kind = 'version' AND f.version = 0 AND f.code = v.code
    LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = v.code
  WHERE f.supported IS NOT NULL
  GROUP BY m.sets, m.feature_set_id),
counted AS (
  SELECT c.sets, c.feature_set_id, coalesce(v.name, printf('0x%04X', c.version)) AS version_name, count(*) AS num_split,
    count(f.code) AS num_here, min(iif(f.code IS NULL, NULL, coalesce(r.name, printf('0x%04X', f.code)))) AS first_here
  FROM split_suite AS x
    JOIN complete AS c ON c.sets = x.sets AND c.version = x.version
    LEFT JOIN feature AS f ON f.feature_set_id = c.feature_set_id AND f.kind = 'cipher' AND f.version = x.version
      AND f.code = x.code AND f.supported = 1
    LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = f.code
    LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = c.version
  GROUP BY c.sets, c.feature_set_id, c.version),
told_suite AS (
  SELECT sets, feature_set_id, group_concat(printf('%d suite%s of %s accepted by some only (here: %s)', num_split,
    iif(num_split = 1, '', 's'), version_name, CASE num_here WHEN 0 THEN 'none' WHEN 1 THEN first_here
      ELSE printf('%s +%d more', first_here, num_here - 1) END), ', ') AS words
  FROM counted GROUP BY sets, feature_set_id),
told AS MATERIALIZED (
  SELECT m.sets, m.feature_set_id, coalesce(', ' || tv.words, '') || coalesce(', ' || ts.words, '') AS words
  FROM member AS m
    LEFT JOIN told_version AS tv ON tv.sets = m.sets AND tv.feature_set_id = m.feature_set_id
    LEFT JOIN told_suite AS ts ON ts.sets = m.sets AND ts.feature_set_id = m.feature_set_id
  WHERE tv.words IS NOT NULL OR ts.words IS NOT NULL),
split AS MATERIALIZED (
  SELECT c.target_id, d.feature_set_id, d.words
  FROM combined AS c JOIN told AS d ON d.sets = c.sets)
SELECT o.observation_id,
  printf('%d addresses', u.addresses_count)
    || iif(u.leaves_count > 1, printf(', %d certificates (here %s until %s)', u.leaves_count,
      coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'), coalesce(date(leaf.not_after_s, 'unixepoch'), '?')), '')
    || iif(u.versions_count > 1, printf(', %d TLS versions (here %s)', u.versions_count,
      coalesce((SELECT name FROM registry_name WHERE kind = 'version' AND code = o.tls_version), 'unknown')), '')
    || iif(u.ciphers_count > 1, printf(', %d cipher suites (here %s)', u.ciphers_count,
      coalesce((SELECT name FROM registry_name WHERE kind = 'cipher' AND code = o.cipher), printf('0x%04X', o.cipher), 'unknown')), '')
    || coalesce(d.words, '') AS detail
FROM uneven AS u
  CROSS JOIN endpoint AS e ON e.target_id = u.target_id
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  LEFT JOIN split AS d ON d.target_id = u.target_id AND d.feature_set_id = o.feature_set_id
WHERE u.leaves_count > 1 OR u.versions_count > 1 OR u.ciphers_count > 1 OR d.words IS NOT NULL
UNION ALL
SELECT o.observation_id, 'this address answers equal questions differently' || coalesce(': ' || f.text, '')
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 37 -- consistent
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
