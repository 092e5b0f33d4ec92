-- id: suite-export
-- severity: critical
-- title: Export suites are accepted
-- why: Suites of the export rules of the 1990s have keys of 40 to 64 bits, which are broken in minutes. An attacker
--   in the middle can talk others into them as well (FREAK, Logjam).
-- remedy: Remove export suites (OpenSSL: !EXPORT in the cipher string) and update the TLS library, which should not
--   have them any more.
-- source: CVE-2015-0204 (FREAK), CVE-2015-4000 (Logjam), RFC 9325 section 4.1
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.is_export = 1),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
