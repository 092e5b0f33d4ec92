INSERT INTO main.certificate_url (ocsp, ca_issuers, crl)
SELECT s.ocsp, s.ca_issuers, s.crl FROM shard.certificate_url AS s WHERE true ORDER BY s.certificate_url_id
ON CONFLICT (ocsp, ca_issuers, crl) DO NOTHING;
INSERT INTO temp.map_certificate_url (old_id, new_id)
SELECT s.certificate_url_id, m.certificate_url_id
FROM shard.certificate_url AS s
  CROSS JOIN main.certificate_url AS m ON m.ocsp = s.ocsp AND m.ca_issuers = s.ca_issuers AND m.crl = s.crl;
INSERT INTO main.certificate (sha256, spki_sha256, serial_hex, subject_cn, subject, issuer_cn, issuer_organization, issuer,
  not_before_s, not_after_s, key_type, key_bits, signature, version, is_ca, is_self_issued, is_self_signed, path_len,
  has_name_constraints, key_usage, ext_key_usage, policy, sct_count, must_staple, is_precert, names_count,
  certificate_url_id, parse_error, der)
SELECT s.sha256, s.spki_sha256, s.serial_hex, s.subject_cn, s.subject, s.issuer_cn, s.issuer_organization, s.issuer,
  s.not_before_s, s.not_after_s, s.key_type, s.key_bits, s.signature, s.version, s.is_ca, s.is_self_issued,
  s.is_self_signed, s.path_len, s.has_name_constraints, s.key_usage, s.ext_key_usage, s.policy, s.sct_count, s.must_staple,
  s.is_precert, s.names_count, u.new_id, s.parse_error, s.der
FROM shard.certificate AS s LEFT JOIN temp.map_certificate_url AS u ON u.old_id = s.certificate_url_id
WHERE true ORDER BY s.certificate_id
ON CONFLICT (sha256) DO NOTHING;
INSERT INTO temp.map_certificate (old_id, new_id)
SELECT s.certificate_id, m.certificate_id
FROM shard.certificate AS s CROSS JOIN main.certificate AS m ON m.sha256 = s.sha256;
-- Bytes that were pruned here come back.
UPDATE main.certificate AS t SET der = s.der
FROM temp.map_certificate AS m JOIN shard.certificate AS s ON s.certificate_id = m.old_id
WHERE t.certificate_id = m.new_id AND t.der IS NULL AND s.der IS NOT NULL
  AND m.new_id <= (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'certificate');
INSERT INTO main.certificate_name (certificate_id, kind, name)
SELECT m.new_id, s.kind, s.name
FROM temp.map_certificate AS m CROSS JOIN shard.certificate_name AS s ON s.certificate_id = m.old_id
WHERE m.new_id > (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'certificate');
