-- id: extension-intolerant
-- severity: medium
-- title: Hellos with unknown values are refused
-- why: Clients send values that nobody knows (GREASE), so that new ones will work some day. The server, or a device
--   before it, breaks the connection, as it will with everything that comes.
-- remedy: Fix or replace the device that rejects unknown values; try from inside its network to see which.
-- source: RFC 8701
SELECT o.observation_id, 'a hello with values reserved for this is not answered' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 29 -- extension_tolerance
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
