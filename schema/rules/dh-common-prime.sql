-- id: dh-common-prime
-- severity: high
-- title: Diffie-Hellman prime is common and small
-- why: Breaking a prime is the work; every connection under it is then cheap. A prime of 1024 bits or fewer that
--   many servers share is the first that pays.
-- remedy: Move to ffdhe2048 or larger (RFC 7919), or leave DHE suites out and keep ECDHE; do not make a 1024-bit
--   prime of your own instead.
-- source: CVE-2015-4000 (Logjam)
--
-- A known prime has a name in place of its hash; those of 2048 bits and more are meant to be shared.
SELECT o.observation_id,
  CASE f.code WHEN 1 THEN 'the server''s own group' WHEN 2 THEN 'where groups of RFC 7919 are offered'
    WHEN 3 THEN 'with export suites' ELSE 'DHE' END
    || iif(f.value IS NULL, ': of unknown size', printf(': %d bits', f.value))
    || coalesce(' (' || iif(length(f.text) = 64, 'sha256 ' || substr(f.text, 1, 16) || '…', f.text) || ')', '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'dh'
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1 AND f.value BETWEEN 1 AND 1024 AND length(f.text) <> 64
