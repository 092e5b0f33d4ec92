-- id: downgrade-sentinel-missing
-- severity: low
-- title: Nothing marks a downgrade from TLS 1.3
-- why: A server that knows TLS 1.3 marks its answers to older clients, so that an attacker who strips 1.3 from the
--   offer is found out. This one does not: mostly a TLS proxy or an older machine answers in its place.
-- remedy: Find out who ends the older connections (a proxy, an inspecting firewall, one of several back ends) and
--   update or remove it.
-- source: RFC 8446 section 4.1.3
--
-- Only where TLS 1.3 is accepted: a server without it has nothing to mark.
SELECT o.observation_id,
  'no mark in an answer in ' || coalesce(v.name, 'an older version') || ', though TLSv1.3 is accepted' AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 14 -- downgrade_sentinel
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 0
  AND EXISTS (SELECT 1 FROM feature AS g WHERE g.feature_set_id = s.feature_set_id AND g.kind = 'version' AND g.version = 0
    AND g.code = 0x0304 AND g.supported = 1)
