-- id: suite-null
-- severity: critical
-- title: Suites without encryption are accepted
-- why: With such a suite everything travels in the clear, and the padlock says otherwise. No client of today offers
--   them by itself, but whoever can configure or confuse a client can.
-- remedy: Remove NULL suites from the server's list (OpenSSL: !eNULL in the cipher string; nginx ssl_ciphers,
--   Apache SSLCipherSuite; TLS 1.3: take TLS_SHA256_SHA256 and TLS_SHA384_SHA384 out).
-- source: RFC 9325 section 4.1
WITH hit AS MATERIALIZED (
  SELECT u.feature_set_id, u.version_name, u.name, dense_rank() OVER (PARTITION BY u.feature_set_id ORDER BY u.code) AS nth
  FROM scan_feature_set AS s CROSS JOIN accepted_suite AS u ON u.feature_set_id = s.feature_set_id
  WHERE s.scan_id = :scan_id AND u.version > 0x0002 AND u.cipher = 'NULL'),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
