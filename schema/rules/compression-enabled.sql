-- id: compression-enabled
-- severity: high
-- title: TLS compression is on
-- why: The length of what is compressed together tells what is in it: cookies and tokens can be guessed letter by
--   letter (CRIME).
-- remedy: Switch TLS compression off (Apache: SSLCompression off; OpenSSL 1.1.0 and later have it off) and update
--   the library.
-- source: CVE-2012-4929 (CRIME), RFC 9325 section 3.3
SELECT o.observation_id, 'DEFLATE is chosen' || coalesce(': ' || f.text, '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 10 -- compression
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1
