-- id: suite-no-aead
-- severity: medium
-- title: No suite with authenticated encryption is accepted
-- why: Without AES-GCM or ChaCha20-Poly1305 all that is left are CBC and stream suites, whose attacks browsers and
--   libraries only work around.
-- remedy: Offer AES-GCM and ChaCha20-Poly1305 with ECDHE, or better TLS 1.3; where the device knows neither, update
--   or replace it.
-- source: SSL Labs SSL Server Rating Guide 2009r; RFC 9325 section 4.2
--
-- Only where TLS 1.2 is accepted and all its suites are known: below it there are none (tls12-missing-no-tls13),
-- and in TLS 1.3 every suite has it.
WITH told AS MATERIALIZED (
  SELECT s.feature_set_id,
    (SELECT group_concat(iif(nth <= 5, name, NULL), ', ') || iif(count(*) > 5, printf(' +%d more', count(*) - 5), '')
      FROM (SELECT u.name, row_number() OVER (ORDER BY u.rank IS NULL, u.rank, u.code) AS nth
        FROM accepted_suite AS u WHERE u.feature_set_id = s.feature_set_id AND u.version = 0x0303)) AS suites
  FROM scan_feature_set AS s
  WHERE s.scan_id = :scan_id
    AND EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code = 0x0303 AND f.supported = 1)
    AND EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code = 0x0304 AND f.supported = 0)
    AND EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'trait'
      AND f.version = 0x0303 AND f.code = 41 AND f.supported = 1) -- ciphers_complete
    AND NOT EXISTS (SELECT 1 FROM accepted_suite AS u WHERE u.feature_set_id = s.feature_set_id
      AND coalesce(u.is_aead, 1) = 1))
SELECT o.observation_id, 'only ' || t.suites || ' in TLSv1.2' AS detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
WHERE t.suites IS NOT NULL
