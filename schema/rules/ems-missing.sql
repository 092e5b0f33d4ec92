-- id: ems-missing
-- severity: low
-- title: The extended master secret is not supported
-- why: Below TLS 1.3 only this extension binds a session's keys to its whole handshake; without it sessions can be
--   mixed up by whoever controls one of two servers (Triple Handshake).
-- remedy: Upgrade to a stack with extended master secret (OpenSSL 1.1.0, GnuTLS 3.5, Windows 10 or later), or leave
--   only TLS 1.3.
-- source: RFC 7627
SELECT o.observation_id, 'extended_master_secret is not acknowledged' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 1 -- extended_master_secret
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
