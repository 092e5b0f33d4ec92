-- id: tls13-missing
-- severity: low
-- title: TLS 1.3 is not supported
-- why: TLS 1.3 was offered and the server did not take it. TLS 1.2 is still safe when well configured, but slower
--   to connect, easier to get wrong, and without post-quantum key exchange.
-- remedy: Update the TLS library (OpenSSL 1.1.1 or later) and enable it: nginx ssl_protocols TLSv1.2 TLSv1.3;
--   Apache SSLProtocol -all +TLSv1.2 +TLSv1.3.
-- source: RFC 9325 section 3.1.1
--
-- Known as in tls12-missing-no-tls13, to which this one gives way.
WITH asked AS MATERIALIZED (
  SELECT s.feature_set_id, max(iif(f.code = 0x0303, f.supported, NULL)) AS has_12,
    max(iif(f.code = 0x0304, f.supported, NULL)) AS has_13, max(iif(f.supported = 1, f.code, NULL)) AS best
  FROM scan_feature_set AS s CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'version'
  WHERE s.scan_id = :scan_id GROUP BY s.feature_set_id),
known AS (
  SELECT o.observation_id, coalesce(max(o.tls_version, a.best), o.tls_version, a.best) AS best,
    CASE WHEN o.tls_version = 0x0303 THEN 1 WHEN a.has_12 IS NOT NULL THEN a.has_12
      WHEN o.tls_version BETWEEN 1 AND 0x0302 THEN 0 END AS has_12,
    CASE WHEN o.tls_version = 0x0304 THEN 1 WHEN a.has_13 IS NOT NULL THEN a.has_13
      WHEN o.tls_version BETWEEN 1 AND 0x0303 THEN 0 END AS has_13
  FROM observation AS o LEFT JOIN asked AS a ON a.feature_set_id = o.feature_set_id
  WHERE o.scan_id = :scan_id AND coalesce(o.tls_version, 0) < 0x0304)
SELECT k.observation_id, 'best version: ' || coalesce(r.name, printf('0x%04X', k.best)) AS detail
FROM known AS k LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = k.best
WHERE k.has_13 = 0 AND k.has_12 IS NOT 0 AND k.best IS NOT NULL
