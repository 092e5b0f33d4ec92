-- id: fallback-scsv-missing
-- severity: low
-- title: Fallback to an older version is not refused
-- why: A client that retries with an older version says so (TLS_FALLBACK_SCSV), and a server that knows better
--   refuses. This one takes it, so an attacker can force the older version.
-- remedy: Update the TLS library (OpenSSL 1.0.1j or later does it), or leave one old version less.
-- source: RFC 7507
SELECT o.observation_id, 'a hello that says it fell back is answered' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 13 -- fallback_scsv
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
