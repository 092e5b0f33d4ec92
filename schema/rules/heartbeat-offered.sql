-- id: heartbeat-offered
-- severity: low
-- title: The heartbeat extension is offered
-- why: Hardly anybody needs heartbeats over TCP, and it was in their code that Heartbleed gave away keys and
--   passwords.
-- remedy: Disable the heartbeat extension, or update the TLS library (OpenSSL 1.1.1 and later have none). Where a
--   message without padding was answered, find out which library it is; OpenSSL 1.0.1 to 1.0.1f must be updated at
--   once, and keys, certificates and passwords replaced.
-- source: RFC 6520, CVE-2014-0160
--
-- Whether a message without padding is answered is asked with --intrusive heartbeat alone. Fixed OpenSSL drops it, that
-- with Heartbleed answers; other libraries may answer it too, so it is a suspicion, which is said and not judged.
SELECT o.observation_id,
  'heartbeat is acknowledged' || iif(u.supported = 1, ', and a message without padding is answered'
    || coalesce(': ' || u.text, '') || ' (Heartbleed is suspected)', '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 11 -- heartbeat
  LEFT JOIN feature AS u ON u.feature_set_id = s.feature_set_id AND u.kind = 'trait' AND u.code = 38 -- heartbeat_unpadded
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1
