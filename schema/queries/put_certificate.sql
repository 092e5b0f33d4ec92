INSERT INTO certificate (sha256, spki_sha256, serial_hex, subject_cn, subject, issuer_cn, issuer_organization, issuer,
  not_before_s, not_after_s, key_type, key_bits, signature, version, is_ca, is_self_issued, is_self_signed, path_len,
  has_name_constraints, key_usage, ext_key_usage, policy, sct_count, must_staple, is_precert, names_count,
  certificate_url_id, parse_error, der)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (sha256) DO NOTHING;
