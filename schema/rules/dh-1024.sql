-- id: dh-1024
-- severity: high
-- title: Diffie-Hellman group is too small
-- why: A group of 1024 bits is within reach of whoever can spend some hundred million, once for all servers that
--   use it.
-- remedy: Use a group of 2048 bits or more (nginx: ssl_dhparam with RFC 7919's ffdhe2048; Apache: it is built in
--   since 2.4.7; Java: jdk.tls.ephemeralDHKeySize=2048), or leave DHE suites out and keep ECDHE.
-- source: CVE-2015-4000 (Logjam), RFC 9325 section 4.1
--
-- High for 769 to 1024 bits, which Logjam reaches. 1025 to 2047 are below what RFC 9325 asks for, and nobody has broken
-- them: medium, which caps at B as the SSL Labs rating does for them. Smaller ones: dh-export-or-small.
SELECT o.observation_id,
  CASE f.code WHEN 1 THEN 'the server''s own group' WHEN 2 THEN 'where groups of RFC 7919 are offered'
    WHEN 3 THEN 'with export suites' ELSE 'DHE' END
    || iif(f.value IS NULL, ': of unknown size', printf(': %d bits', f.value))
    || coalesce(' (' || iif(length(f.text) = 64, 'sha256 ' || substr(f.text, 1, 16) || '…', f.text) || ')', '') AS detail,
  iif(f.value <= 1024, 3, 2) AS severity
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'dh'
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1 AND f.code <> 3 AND f.value BETWEEN 769 AND 2047
