-- id: suite-64bit-block
-- severity: medium
-- title: Ciphers with blocks of 64 bits are accepted
-- why: After some gigabytes under one key blocks repeat, and what was repeated can be read (SWEET32). 3DES is also
--   slow.
-- remedy: Remove 3DES and IDEA suites (OpenSSL: !3DES:!IDEA in the cipher string; nginx ssl_ciphers, Apache
--   SSLCipherSuite).
-- source: CVE-2016-2183 (SWEET32), RFC 9325 section 4.1
--
-- Single DES, RC2 and export suites have findings of their own. What the handshake agreed on counts too.
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.block_bits = 64 AND u.mode = 'CBC' AND u.is_export = 0
    AND u.cipher <> 'DES' AND u.cipher NOT GLOB 'RC2*'),
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
WHERE o.scan_id = :scan_id AND o.cipher IN (SELECT u.code FROM suite AS u WHERE u.block_bits = 64 AND u.mode = 'CBC' AND u.is_export = 0
    AND u.cipher <> 'DES' AND u.cipher NOT GLOB 'RC2*')
  AND NOT EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.kind = 'cipher'
    AND f.version = o.tls_version AND f.code = o.cipher AND f.supported = 1)
