-- id: sigalg-sha1
-- severity: low
-- title: Handshakes are signed with SHA-1 or MD5
-- why: Collisions of SHA-1 can be bought and those of MD5 are free; a signature over either proves little.
-- remedy: Stop signing handshakes with SHA-1 (OpenSSL: @SECLEVEL=2 in the cipher string, or SignatureAlgorithms
--   without SHA1), or leave only TLS 1.3.
-- source: RFC 9155
--
-- At TLS 1.2; below it there is nothing else (tls10-enabled, tls11-enabled). What the handshake was signed with
-- counts too.
WITH hit AS MATERIALIZED (
  SELECT s.feature_set_id, coalesce(v.name, printf('0x%04X', f.version)) AS version_name,
    coalesce(r.name, printf('0x%04X', f.code)) AS name,
    dense_rank() OVER (PARTITION BY s.feature_set_id ORDER BY f.code) AS nth
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'signature' AND f.supported = 1
    CROSS JOIN scheme AS g ON g.code = f.code
    LEFT JOIN registry_name AS r ON r.kind = f.kind AND r.code = f.code
    LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
  WHERE s.scan_id = :scan_id AND f.version = 0x0303 AND g.is_sha1_or_md5 = 1),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
UNION ALL
SELECT o.observation_id, 'the handshake was signed with ' || coalesce(r.name, printf('0x%04X', o.signature_scheme))
FROM observation AS o LEFT JOIN registry_name AS r ON r.kind = 'signature' AND r.code = o.signature_scheme
WHERE o.scan_id = :scan_id AND o.tls_version = 0x0303
  AND o.signature_scheme IN (SELECT g.code FROM scheme AS g WHERE g.is_sha1_or_md5 = 1)
  AND NOT EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.kind = 'signature'
    AND f.version = 0x0303 AND f.code = o.signature_scheme AND f.supported = 1)
