-- id: must-staple-unmet
-- severity: high
-- title: Certificate demands a stapled OCSP answer, and none came
-- why: The certificate says that the server always sends a fresh proof that it is not revoked. Clients that honour
--   this refuse the connection without it.
-- remedy: Turn stapling on (nginx: ssl_stapling on; Apache: SSLUseStapling On), or reissue without the must-staple
--   flag; many CAs no longer offer OCSP.
-- source: RFC 7633
SELECT o.observation_id,
  printf('leaf %s has the flag, no OCSP answer was stapled', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name')) AS detail
FROM certificate AS leaf CROSS JOIN observation AS o ON o.leaf_id = leaf.certificate_id
WHERE o.scan_id = :scan_id AND o.ocsp_stapled = 0 AND leaf.must_staple = 1
