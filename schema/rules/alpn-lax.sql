-- id: alpn-lax
-- severity: low
-- title: Unknown ALPN protocols are not refused
-- why: A server that answers whatever protocol is asked for can be handed a talk that was meant for another service
--   with the same certificate (ALPACA).
-- remedy: Reject ALPN protocols that the service does not speak (nginx 1.21.4, vsftpd 3.0.4, sendmail 8.17 or later
--   do), and use a certificate for each service.
-- source: RFC 7301 section 3.2, ALPACA (2021)
SELECT o.observation_id, 'a hello for a protocol that does not exist is answered' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 32 -- alpn_strict
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
