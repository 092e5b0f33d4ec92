-- id: suite-ccm8
-- severity: low
-- title: Suites with a short tag (CCM_8) are accepted
-- why: A tag of 8 bytes is easier to forge than the usual 16; these suites were made for the smallest devices.
-- remedy: Remove the CCM_8 suites (OpenSSL: !AESCCM8 in the cipher string; TLS 1.3: take TLS_AES_128_CCM_8_SHA256
--   out).
-- source: NCSC-NL IT Security Guidelines for TLS 2025-05
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.mode = 'CCM_8'),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
