-- id: suite-rc4
-- severity: high
-- title: RC4 suites are accepted
-- why: The beginning of RC4's key stream is biased, so cookies and passwords that are sent often enough can be
--   read.
-- remedy: Remove RC4 suites (OpenSSL: !RC4 in the cipher string; nginx ssl_ciphers, Apache SSLCipherSuite).
-- source: RFC 7465
--
-- Not export suites, whose finding is worse.
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.cipher GLOB 'RC4*' AND u.is_export = 0),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
