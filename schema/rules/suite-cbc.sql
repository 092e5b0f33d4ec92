-- id: suite-cbc
-- severity: info
-- title: CBC suites are accepted
-- why: CBC suites authenticate before they encrypt, which led to one padding attack after the other. Libraries of
--   today resist the known ones, and old clients need these suites.
-- remedy: Drop them once the old clients are gone: leave AES-GCM and ChaCha20-Poly1305 only.
-- source: NCSC-NL IT Security Guidelines for TLS 2025-05
--
-- Blocks of 64 bits have a finding of their own. What the handshake agreed on counts too.
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.mode = 'CBC' AND u.block_bits = 128),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
UNION ALL
SELECT o.observation_id, printf('%s was agreed on in %s', coalesce(r.name, printf('0x%04X', o.cipher)),
    coalesce((SELECT v.name FROM registry_name AS v WHERE v.kind = 'version' AND v.code = o.tls_version), '?'))
FROM observation AS o LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = o.cipher
WHERE o.scan_id = :scan_id AND o.cipher IN (SELECT u.code FROM suite AS u WHERE u.mode = 'CBC' AND u.block_bits = 128)
  AND NOT EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.kind = 'cipher'
    AND f.version = o.tls_version AND f.code = o.cipher AND f.supported = 1)
