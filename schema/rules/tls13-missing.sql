-- id: tls13-missing
-- severity: low
-- title: TLS 1.3 is not supported
-- why: TLS 1.3 was offered and the server chose 1.2, which is still safe when well configured, but slower to
--   connect, easier to get wrong, and without post-quantum key exchange.
-- remedy: Update the TLS library (OpenSSL 1.1.1 or later) and enable it: nginx ssl_protocols TLSv1.2 TLSv1.3;
--   Apache SSLProtocol -all +TLSv1.2 +TLSv1.3.
-- source: RFC 9325 section 3.1.1
--
-- The handshake offers 1.0 to 1.3 and a server takes the highest that it knows. Below 1.2: tls12-missing-no-tls13.
SELECT o.observation_id, 'best version: TLSv1.2' AS detail
FROM observation AS o
WHERE o.scan_id = :scan_id AND o.tls_version = 0x0303
