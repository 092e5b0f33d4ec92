-- Every observation of a scan with all that the page says of it, target by target, address by address, and a row for
-- each of its findings. The CROSS JOINs and the index keep SQLite on the path that gives this order: told to sort by
-- address too, it packs and unpacks every row. Codes and labels are resolved by the page's own tables. The view `finding`
-- joins, so on this side of a LEFT JOIN it would be made whole first; hence its tables.
SELECT ob.observation_id, st.target_id, st.label_set_id, t.host, t.port, e.address,
  coalesce(t.registrable_domain, '(no domain)') AS domain, t.host_unicode, t.protocol, t.sni,
  ob.outcome_id, ob.outcome_stage, ob.outcome_detail, ob.attempts, ob.connections, ob.read_bytes, ob.dns_us,
  ob.connect_us, ob.starttls_us, ob.server_hello_us, ob.handshake_us, ob.total_us, ob.rtt_us, ob.tls_version, ob.cipher,
  ob.kx_group, ob.signature_scheme, ob.alpn, ob.ocsp_stapled, ob.client_certificate_requested, ob.hello_retry,
  ob.sct_count_tls, ob.leaf_id, ob.presented_chain_id, ob.verified_chain_id, ob.presented_depth, ob.verified_depth,
  ob.built_from, ob.chain_status, ob.trusted, ob.trust_detail, ob.trust_text, ob.name_match, ob.grade, ob.config_grade,
  ob.grade_partial, ob.feature_set_id,
  c.sha256, c.spki_sha256, c.serial_hex, c.subject_cn, c.subject, c.issuer_cn, c.issuer_organization, c.issuer,
  c.not_before_s, c.not_after_s, c.key_type, c.key_bits, c.signature, c.is_self_signed, c.policy, c.sct_count,
  c.must_staple, c.names_count, c.parse_error,
  f.rule_id, f.severity, (SELECT d.text FROM finding_detail AS d WHERE d.detail_id = f.detail_id) AS detail,
  w.until_s AS waived_until_s
FROM scan_target AS st CROSS JOIN target AS t ON t.target_id = st.target_id
  CROSS JOIN endpoint AS e INDEXED BY sqlite_autoindex_endpoint_1 ON e.target_id = st.target_id
  CROSS JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id = st.scan_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN finding_set_row AS f ON f.finding_set_id = ob.finding_set_id
  LEFT JOIN finding_waiver AS w ON w.observation_id = ob.observation_id AND w.rule_id = f.rule_id
WHERE st.scan_id = :scan_id AND st.target_id BETWEEN :first_target AND :last_target
ORDER BY st.target_id
