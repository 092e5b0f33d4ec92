-- The columns of report_certificates.sql for those that were noted behind :sent_before. Who else has a certificate, and
-- when it was first seen, is known when the scan is done.
SELECT c.sha256, c.spki_sha256, c.serial_hex AS serial, c.subject, c.subject_cn, c.issuer, c.issuer_cn,
  c.issuer_organization, datetime(c.not_before_s, 'unixepoch') AS issued_utc,
  datetime(c.not_after_s, 'unixepoch') AS expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS days_left,
  round((c.not_after_s - c.not_before_s) / 86400.0, 3) AS lifetime_days,
  c.key_type, c.key_bits, c.signature, c.is_ca, c.is_self_issued, c.names_count,
  CASE WHEN c.names_count = 0 THEN '' ELSE (SELECT group_concat(name, ' ') FROM (
    SELECT replace(replace(n.name, '\u00', '\u005cu00'), ' ', '\u0020') AS name FROM certificate_name AS n
    WHERE n.certificate_id = c.certificate_id ORDER BY n.kind, n.name)) END AS names,
  c.policy, NULL AS endpoints, NULL AS hosts, NULL AS owners, NULL AS first_seen_utc,
  datetime(s.started_s, 'unixepoch') AS last_seen_utc,
  sent.sent_id
FROM sent_certificate AS sent
  CROSS JOIN scan AS s ON s.scan_id = :scan_id
  CROSS JOIN certificate AS c ON c.certificate_id = sent.certificate_id
WHERE sent.sent_id > :sent_before ORDER BY sent.sent_id;
