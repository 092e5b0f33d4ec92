-- The certificate :certificate_id in full, with days counted from :scan_id.
SELECT c.sha256, c.spki_sha256, c.serial_hex, c.subject, c.issuer,
  datetime(c.not_before_s, 'unixepoch') AS issued_utc, datetime(c.not_after_s, 'unixepoch') AS expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS days_left,
  c.not_after_s - c.not_before_s AS life_s, c.not_after_s - s.as_of_s AS left_s,
  round((c.not_after_s - c.not_before_s) / 86400.0) AS lifetime_days,
  c.key_type, c.key_bits, c.signature, c.version, c.policy, c.must_staple, c.is_precert, c.names_count, c.parse_error,
  u.ocsp, u.ca_issuers, u.crl
FROM certificate AS c
  JOIN scan AS s ON s.scan_id = :scan_id
  LEFT JOIN certificate_url AS u ON u.certificate_url_id = c.certificate_url_id
WHERE c.certificate_id = :certificate_id;
