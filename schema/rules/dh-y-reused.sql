-- id: dh-y-reused
-- severity: low
-- title: Diffie-Hellman keys are used again
-- why: A server that keeps its Diffie-Hellman key gives up forward secrecy for as long as it keeps it, and may leak
--   secrets by its timing (Raccoon).
-- remedy: Generate a fresh key for each connection (OpenSSL before 1.1.0: SSL_OP_SINGLE_DH_USE), or leave DHE
--   suites out.
-- source: CVE-2020-1968 (Raccoon), RFC 9325 section 7.4
SELECT o.observation_id, 'two connections met the same DHE key' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 33 -- dh_key_reuse
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1
