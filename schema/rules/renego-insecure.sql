-- id: renego-insecure
-- severity: high
-- title: Renegotiation is not secured
-- why: Without the renegotiation extension an attacker can put own data before a client's, and the server takes
--   both as one talk.
-- remedy: Update the TLS stack to one that supports renegotiation_info (OpenSSL 0.9.8m or later), or leave only TLS
--   1.3, which has no renegotiation.
-- source: RFC 5746, CVE-2009-3555
SELECT o.observation_id, 'renegotiation_info is not acknowledged' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 3 -- secure_renegotiation
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
