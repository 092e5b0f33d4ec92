-- id: http-upgrade-tls
-- severity: high
-- title: HTTP upgrades to TLS on the plain port
-- why: Where port 80 switches to TLS on request, an attacker in the middle can mix up answers of the plain and the
--   encrypted port of the same host (Opossum).
-- remedy: Disable the upgrade of RFC 2817 (Apache: SSLEngine optional becomes SSLEngine off on the plain port) and
--   redirect to https instead.
-- source: CVE-2025-49812 (Opossum)
--
-- Asked only with --intrusive http-upgrade.
SELECT o.observation_id, 'Upgrade: TLS is offered in plain HTTP' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 40 -- http_upgrade
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1
