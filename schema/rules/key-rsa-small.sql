-- id: key-rsa-small
-- severity: high
-- title: RSA key is too short
-- why: RSA keys below 2048 bits are no longer safe against well-equipped attackers; below 1024 bits one computer is
--   enough. Whoever breaks the key can pose as this server.
-- remedy: Make a new key and have it certified: openssl ecparam -genkey -name prime256v1 -out key.pem, or openssl
--   genrsa -out key.pem 2048.
-- source: CA/Browser Forum TLS Baseline Requirements section 6.1.5
--
-- The leaf, and the CAs below the anchor: of the verified path, or of what was sent where there is no path.
WITH small AS MATERIALIZED (
  SELECT m.chain_id
  FROM chain_certificate AS m JOIN certificate AS x USING (certificate_id)
  WHERE x.key_type IN ('RSA', 'RSA-PSS') AND x.key_bits BETWEEN 1 AND 2047),
hit AS (
  SELECT o.observation_id, 0 AS position, o.leaf_id AS certificate_id
  FROM certificate AS leaf CROSS JOIN observation AS o ON o.leaf_id = leaf.certificate_id
  WHERE o.scan_id = :scan_id AND leaf.key_type IN ('RSA', 'RSA-PSS') AND leaf.key_bits BETWEEN 1 AND 2047
  UNION ALL
  SELECT o.observation_id, m.position, m.certificate_id
  FROM (SELECT 1 FROM small LIMIT 1) CROSS JOIN observation AS o
    CROSS JOIN chain_certificate AS m ON m.chain_id = iif(o.verified_depth IS NULL, o.presented_chain_id, o.verified_chain_id)
    CROSS JOIN certificate AS x ON x.certificate_id = m.certificate_id
  WHERE o.scan_id = :scan_id
    AND iif(o.verified_depth IS NULL, o.presented_chain_id, o.verified_chain_id) IN (SELECT chain_id FROM small)
    AND (o.verified_depth IS NULL OR m.position < o.verified_depth - 1)
    AND x.key_type IN ('RSA', 'RSA-PSS') AND x.key_bits BETWEEN 1 AND 2047)
SELECT hit.observation_id,
  printf('%s %s: RSA %d bits', CASE hit.position WHEN 0 THEN 'leaf' ELSE 'CA' END,
    coalesce('CN=' || c.subject_cn, c.subject, 'without a name'), c.key_bits) AS detail,
  3 + (c.key_bits < 1024) AS severity
FROM hit JOIN certificate AS c ON c.certificate_id = hit.certificate_id
ORDER BY hit.observation_id, hit.position
