-- id: cert-serial-duplicate
-- severity: critical
-- title: Two certificates of one CA have the same serial number
-- why: Issuer and serial number are how a certificate is named, for instance to revoke it. Two with the same name
--   mean a broken CA; some clients refuse the second one that they see.
-- remedy: Reissue with a fresh random serial number, and correct the private CA (openssl ca: rand_serial = yes)
--   before it issues more.
-- source: RFC 5280 section 4.1.2.2
--
-- Leaves of this scan against every other certificate that the database holds, of earlier scans too. Self-signed ones
-- are issuers of their own, and a precertificate shares its serial by design.
WITH named AS MATERIALIZED (
  SELECT c.certificate_id, c.sha256, min(c.sha256) OVER name AS first, max(c.sha256) OVER name AS last
  FROM certificate AS c
  WHERE c.serial_hex IN (SELECT serial_hex FROM certificate GROUP BY serial_hex HAVING count(*) > 1)
    AND c.is_self_signed IS NOT 1 AND c.is_precert IS NOT 1 AND c.issuer IS NOT NULL
  WINDOW name AS (PARTITION BY c.issuer, c.serial_hex))
SELECT o.observation_id,
  printf('leaf %s: serial %s of %s also names %s (sha256 %s…)', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    leaf.serial_hex, coalesce('CN=' || leaf.issuer_cn, leaf.issuer),
    coalesce('CN=' || other.subject_cn, other.subject, 'one without a name'), lower(substr(hex(other.sha256), 1, 16))) AS detail
FROM named
  CROSS JOIN observation AS o ON o.leaf_id = named.certificate_id
  CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  CROSS JOIN certificate AS other ON other.sha256 = iif(named.sha256 = named.first, named.last, named.first)
WHERE o.scan_id = :scan_id AND named.first <> named.last
