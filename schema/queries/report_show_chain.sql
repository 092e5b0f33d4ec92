-- The certificates of one list in its order, the leaf first: :leaf_id and what the chain :chain_id holds (0: nothing).
SELECT m.certificate_id, c.sha256, coalesce(c.subject_cn, c.subject) AS subject_cn, c.subject,
  c.issuer, c.key_type, c.key_bits, c.signature, c.serial_hex,
  date(c.not_before_s, 'unixepoch') AS issued_date, date(c.not_after_s, 'unixepoch') AS expires_date,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS days_left,
  c.not_after_s - c.not_before_s AS life_s, c.not_after_s - s.as_of_s AS left_s,
  c.is_ca, c.is_self_signed, c.parse_error
FROM (SELECT 0 AS position, :leaf_id AS certificate_id
    UNION ALL SELECT position, certificate_id FROM chain_certificate WHERE chain_id = :chain_id) AS m
  JOIN certificate AS c ON c.certificate_id = m.certificate_id
  JOIN scan AS s ON s.scan_id = :scan_id
ORDER BY m.position;
