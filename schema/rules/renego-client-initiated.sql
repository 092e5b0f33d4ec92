-- id: renego-client-initiated
-- severity: medium
-- title: Clients may renegotiate
-- why: Every renegotiation costs the server much more than the client, so one client with a thin line can keep it
--   busy.
-- remedy: Refuse renegotiation that the client begins (OpenSSL 3 does unless told otherwise; older:
--   SSL_OP_NO_RENEGOTIATION; HAProxy and nginx refuse it), or leave only TLS 1.3.
-- source: CVE-2011-1473, RFC 9325 section 3.5
--
-- Asked only with --intrusive renegotiation.
SELECT o.observation_id, 'a renegotiation that the client began was taken up' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 4 -- client_renegotiation
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1
