-- id: version-intolerant
-- severity: medium
-- title: Hellos of a newer version are refused
-- why: The server, or a device before it, breaks the connection when a client offers a version that it does not
--   know, instead of answering with one that it knows. The next version of TLS will not get through.
-- remedy: Replace or update the stack or middlebox that rejects unknown versions; try from inside its network to
--   see which.
-- source: RFC 8446 appendix D, RFC 5246 appendix E.1
SELECT o.observation_id, 'a hello for a version that does not exist yet is not answered' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 28 -- version_tolerance
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
