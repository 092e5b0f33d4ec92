-- id: sig-sha1-md5
-- severity: critical
-- title: Certificate is signed with SHA-1 or MD5
-- why: These hashes are broken: others can make a second certificate with the same signature and pose as this
--   server. Current clients refuse them.
-- remedy: Have the certificate issued again with SHA-256 (openssl req -sha256); a private CA must change its
--   default hash first (default_md = sha256).
-- source: CA/Browser Forum TLS Baseline Requirements section 7.1.3.2
--
-- Every certificate below the anchor: of the verified path, or of what was sent where there is no path. The signature of
-- a self-signed certificate protects nothing (a root is trusted by name, a self-signed leaf by nobody) and never counts.
WITH weak AS MATERIALIZED (
  SELECT m.chain_id
  FROM chain_certificate AS m JOIN certificate AS x USING (certificate_id)
  WHERE x.signature IN ('sha1WithRSAEncryption', 'md5WithRSAEncryption', 'md2WithRSAEncryption',
      'ecdsa-with-SHA1', 'dsa-with-sha1', 'rsassaPss-with-SHA1')
    AND x.is_self_signed IS NOT 1),
hit AS (
  SELECT o.observation_id, 0 AS position, o.leaf_id AS certificate_id
  FROM certificate AS leaf CROSS JOIN observation AS o ON o.leaf_id = leaf.certificate_id
  WHERE o.scan_id = :scan_id
    AND leaf.signature IN ('sha1WithRSAEncryption', 'md5WithRSAEncryption', 'md2WithRSAEncryption',
      'ecdsa-with-SHA1', 'dsa-with-sha1', 'rsassaPss-with-SHA1')
    AND leaf.is_self_signed IS NOT 1
  UNION ALL
  SELECT o.observation_id, m.position, m.certificate_id
  FROM (SELECT 1 FROM weak LIMIT 1) CROSS JOIN observation AS o
    CROSS JOIN chain_certificate AS m ON m.chain_id = iif(o.verified_depth IS NULL, o.presented_chain_id, o.verified_chain_id)
    CROSS JOIN certificate AS x ON x.certificate_id = m.certificate_id
  WHERE o.scan_id = :scan_id
    AND iif(o.verified_depth IS NULL, o.presented_chain_id, o.verified_chain_id) IN (SELECT chain_id FROM weak)
    AND (o.verified_depth IS NULL OR m.position < o.verified_depth - 1)
    AND x.signature IN ('sha1WithRSAEncryption', 'md5WithRSAEncryption', 'md2WithRSAEncryption',
      'ecdsa-with-SHA1', 'dsa-with-sha1', 'rsassaPss-with-SHA1')
    AND x.is_self_signed IS NOT 1)
SELECT hit.observation_id,
  printf('%s %s: %s', CASE hit.position WHEN 0 THEN 'leaf' ELSE 'CA' END,
    coalesce('CN=' || c.subject_cn, c.subject, 'without a name'), c.signature) AS detail
FROM hit JOIN certificate AS c ON c.certificate_id = hit.certificate_id
ORDER BY hit.observation_id, hit.position
