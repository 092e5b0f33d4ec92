-- id: cert-serial-duplicate
-- severity: critical
-- title: Two certificates of one CA have the same serial number
-- why: Issuer and serial number are how a certificate is named, for instance to revoke it. Two with the same name mean a broken CA; some clients refuse the second one that they see.
-- remedy: Reissue with a fresh random serial number, and correct the private CA (openssl ca: rand_serial = yes) before it issues more.
-- source: RFC 5280 section 4.1.2.2
--
-- Leaves of this scan against every other certificate that the database holds, of earlier scans too. Self-signed ones
-- are issuers of their own, and a precertificate shares its serial by design.
WITH twice AS MATERIALIZED (
  SELECT c.issuer, c.serial_hex
  FROM certificate AS c
  WHERE c.serial_hex IN (SELECT serial_hex FROM certificate GROUP BY serial_hex HAVING count(*) > 1)
    AND c.is_self_signed IS NOT 1 AND c.is_precert IS NOT 1 AND c.issuer IS NOT NULL
  GROUP BY c.issuer, c.serial_hex HAVING count(*) > 1)
SELECT o.observation_id,
  printf('leaf %s: serial %s of %s also names %s', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    leaf.serial_hex, coalesce('CN=' || leaf.issuer_cn, leaf.issuer),
    (SELECT coalesce('CN=' || x.subject_cn, x.subject, 'one without a name') || ' (sha256 ' || lower(substr(hex(x.sha256), 1, 16)) || '…)'
      FROM certificate AS x
      WHERE x.serial_hex = leaf.serial_hex AND x.issuer = leaf.issuer AND x.certificate_id <> leaf.certificate_id
        AND x.is_self_signed IS NOT 1 AND x.is_precert IS NOT 1
      ORDER BY x.sha256 LIMIT 1)) AS detail
FROM observation AS o
  JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  JOIN twice ON twice.serial_hex = leaf.serial_hex AND twice.issuer = leaf.issuer
WHERE o.scan_id = :scan_id AND leaf.is_self_signed IS NOT 1 AND leaf.is_precert IS NOT 1
