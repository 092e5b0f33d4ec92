-- The certificates of a chain after the leaf.
SELECT m.position, c.certificate_id, c.subject_cn, c.subject, c.issuer_cn, c.issuer, c.not_before_s, c.not_after_s,
  c.key_type, c.key_bits, c.signature, c.is_ca, c.is_self_signed, c.parse_error
FROM chain_certificate AS m JOIN certificate AS c USING (certificate_id)
WHERE m.chain_id = :chain_id ORDER BY m.position
