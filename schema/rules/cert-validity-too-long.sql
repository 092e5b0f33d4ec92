-- id: cert-validity-too-long
-- severity: medium
-- title: Certificate is valid for longer than the rules allow
-- why: A stolen key or a wrong entry stays usable as long as the certificate lives, so browsers limit the lifetime,
--   and the limit shrinks by the date of issue.
-- remedy: Reissue within the current limit and let a job renew it, since the limit falls to 47 days in 2029 (public
--   CAs by ACME: certbot).
-- source: CA/Browser Forum TLS Baseline Requirements section 6.3.2, ballot SC081v3
--
-- Days are of 86400 seconds, both dates included, rounded up. The limits bind public CAs. A root that somebody added to
-- the store cannot be told from a public one there, so a certificate counts as public when its path ends at an anchor
-- and it bears what only public CAs put in: a CA/Browser Forum policy, or embedded SCTs. Any other that ends at an
-- anchor is held only to Apple's 825 days for added roots (issued from 2019-07-01 on), as information.
SELECT observation_id,
  printf('leaf %s lives %d days, at most %d are allowed for a %s certificate issued on %s', name, days, max_days,
    iif(is_public, 'public', 'private'), date(not_before_s, 'unixepoch')) AS detail,
  iif(is_public, 2, 0) AS severity
FROM (
  SELECT o.observation_id, leaf.not_before_s,
    coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name') AS name,
    (leaf.not_after_s - leaf.not_before_s + 86400) / 86400 AS days,
    leaf.policy IS NOT NULL OR leaf.sct_count > 0 AS is_public,
    CASE WHEN leaf.policy IS NULL AND coalesce(leaf.sct_count, 0) = 0 THEN iif(leaf.not_before_s < unixepoch('2019-07-01'), NULL, 825)
      WHEN leaf.not_before_s < unixepoch('2018-03-01')
        THEN (unixepoch(leaf.not_before_s, 'unixepoch', '+39 months') - leaf.not_before_s) / 86400
      WHEN leaf.not_before_s < unixepoch('2020-09-01') THEN 825
      WHEN leaf.not_before_s < unixepoch('2026-03-15') THEN 398
      WHEN leaf.not_before_s < unixepoch('2027-03-15') THEN 200
      WHEN leaf.not_before_s < unixepoch('2029-03-15') THEN 100
      ELSE 47 END AS max_days
  FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  WHERE o.scan_id = :scan_id AND o.verified_depth > 1 AND leaf.not_after_s - leaf.not_before_s >= 47 * 86400)
WHERE days > max_days
