-- id: large-hello-intolerant
-- severity: medium
-- title: Large hellos are refused
-- why: A hello with a post-quantum key does not fit into one packet. The server, or a device before it, expects it
--   to, so current browsers fail or wait.
-- remedy: Fix or replace the device that needs the hello in one packet: it must read until the message is whole.
-- source: RFC 8446 section 4.1.2, tldr.fail
SELECT o.observation_id,
  CASE f.code WHEN 30 THEN 'a hello larger than a packet is not answered' ELSE 'a hello in two segments is not answered' END
    || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait'
    AND f.code IN (30, 31) -- large_hello_tolerance, split_hello_tolerance
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
