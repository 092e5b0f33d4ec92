-- id: suite-anon
-- severity: critical
-- title: Suites without authentication are accepted
-- why: With an anonymous suite no certificate proves who answers, so anybody on the way can pose as the server.
-- remedy: Remove anonymous suites (OpenSSL: !aNULL in the cipher string; nginx ssl_ciphers, Apache SSLCipherSuite,
--   Postfix smtpd_tls_exclude_ciphers = aNULL).
-- source: RFC 9325 section 4.1
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.auth = 'anon'),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
