-- id: sni-required
-- severity: info
-- title: The server name is required
-- why: A client that sends no server name gets no certificate. All current ones send it; very old ones and some
--   tools do not.
-- remedy: None is needed; if old clients matter, give the server a default certificate.
-- source: RFC 6066 section 3
SELECT o.observation_id, 'a hello without server name gets no certificate' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 22 -- no_sni_answered
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
