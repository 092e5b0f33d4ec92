-- id: tls12-missing-no-tls13
-- severity: high
-- title: Only TLS 1.1 or older is supported
-- why: All current browsers refuse these versions, whose ciphers and hashes are outdated. Visitors see an error.
-- remedy: Enable TLS 1.2 and 1.3 (nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2
--   +TLSv1.3); where the device knows neither, update or replace it.
-- source: RFC 9325 section 3.1.1
SELECT o.observation_id,
  'best version: ' || coalesce(r.name, printf('0x%04X', o.tls_version)) AS detail
FROM observation AS o LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = o.tls_version
WHERE o.scan_id = :scan_id AND o.tls_version BETWEEN 1 AND 0x0302
