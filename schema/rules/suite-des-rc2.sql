-- id: suite-des-rc2
-- severity: critical
-- title: Single DES or RC2 is accepted
-- why: A key of 56 bits is found by trying all of them within a day for little money; RC2 is no better.
-- remedy: Remove DES and RC2 suites (OpenSSL: !DES:!RC2 in the cipher string) and update the TLS library, which
--   should not have them any more.
-- source: RFC 9325 section 4.1, RFC 5469
--
-- Not export suites, which have a finding of their own.
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND (u.cipher = 'DES' OR u.cipher GLOB 'RC2*') AND u.is_export = 0),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
