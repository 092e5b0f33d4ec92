-- id: dh-export-or-small
-- severity: critical
-- title: Diffie-Hellman group is far too small
-- why: Groups of up to 768 bits have been broken in public. Whoever does it reads and changes all connections that
--   use them, and can push others down to them (Logjam).
-- remedy: Use a group of 2048 bits or more (nginx: ssl_dhparam with RFC 7919's ffdhe2048; Apache: it is built in
--   since 2.4.7), or leave DHE suites out and keep ECDHE.
-- source: CVE-2015-4000 (Logjam)
--
-- Up to 768 bits, or any group with an export suite.
SELECT o.observation_id,
  CASE f.code WHEN 1 THEN 'the server''s own group' WHEN 2 THEN 'where groups of RFC 7919 are offered'
    WHEN 3 THEN 'with export suites' ELSE 'DHE' END
    || iif(f.value IS NULL, ': of unknown size', printf(': %d bits', f.value))
    || coalesce(' (' || iif(length(f.text) = 64, 'sha256 ' || substr(f.text, 1, 16) || '…', f.text) || ')', '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'dh'
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1 AND (f.value BETWEEN 1 AND 768 OR f.code = 3)
