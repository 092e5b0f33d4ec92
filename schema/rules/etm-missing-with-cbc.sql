-- id: etm-missing-with-cbc
-- severity: info
-- title: CBC suites without encrypt-then-MAC
-- why: With this extension CBC suites check before they decrypt, which ends padding attacks for good.
-- remedy: Prefer AES-GCM and ChaCha20-Poly1305 and drop CBC suites; or use a library with encrypt-then-MAC (OpenSSL
--   1.1.0, GnuTLS 3.4 or later).
-- source: RFC 7366
WITH told AS MATERIALIZED (
  SELECT s.feature_set_id, (SELECT group_concat(iif(nth <= 5, name, NULL), ', ')
      || iif(count(*) > 5, printf(' +%d more', count(*) - 5), '')
    FROM (SELECT u.name, row_number() OVER (ORDER BY u.code) AS nth
      FROM accepted_suite AS u WHERE u.feature_set_id = s.feature_set_id AND u.version > 0x0300 AND u.mode = 'CBC'
      GROUP BY u.code)) AS suites
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 2 -- encrypt_then_mac
  WHERE s.scan_id = :scan_id AND f.supported = 0)
SELECT o.observation_id, 'encrypt_then_mac is not acknowledged, and accepted are ' || t.suites AS detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
WHERE t.suites IS NOT NULL
