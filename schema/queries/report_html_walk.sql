-- Every observation of a scan with all that the page says of it, target by target: the CROSS JOINs keep SQLite on
-- that path, which needs no sorting. Codes are resolved by the page's own tables. `score` counts standing findings,
-- eight bits for each severity, critical on top.
SELECT ob.observation_id, st.target_id, st.label_set_id, t.host, t.host_unicode, t.port, t.protocol, t.sni, e.address,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce((SELECT g.value
    FROM label AS g WHERE g.label_set_id = st.label_set_id AND g.name = :group_label), '(none)') END AS grp,
  CASE WHEN :owner_label <> '' THEN (SELECT w.value
    FROM label AS w WHERE w.label_set_id = st.label_set_id AND w.name = :owner_label) END AS owner,
  coalesce((SELECT sum(1 << (8 * f.severity)) FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.waived_until_s IS NULL), 0) AS score,
  ob.outcome_id, ob.outcome_stage, ob.outcome_detail, ob.attempts, ob.connections, ob.read_bytes,
  ob.dns_us, ob.connect_us, ob.starttls_us, ob.server_hello_us, ob.handshake_us, ob.total_us, ob.rtt_us,
  ob.tls_version, ob.cipher, ob.kx_group, ob.signature_scheme, ob.alpn, ob.ocsp_stapled, ob.client_certificate_requested,
  ob.hello_retry, ob.sct_count_tls, ob.leaf_id, ob.presented_chain_id, ob.verified_chain_id, ob.presented_depth,
  ob.verified_depth, ob.built_from, ob.chain_status, ob.trusted, ob.trust_detail, ob.trust_text, ob.name_match,
  ob.grade, ob.config_grade, ob.grade_partial, ob.cname_chain_id,
  c.subject_cn, c.subject, c.issuer_cn, c.issuer_organization, c.issuer, c.not_before_s, c.not_after_s, c.key_type,
  c.key_bits, c.signature, c.serial_hex, c.names_count, c.policy, c.must_staple, c.sct_count, c.parse_error,
  c.is_self_signed, c.sha256, c.spki_sha256
FROM scan_target AS st CROSS JOIN target AS t ON t.target_id = st.target_id
  CROSS JOIN endpoint AS e ON e.target_id = st.target_id
  CROSS JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id = st.scan_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
WHERE st.scan_id = :scan_id AND st.target_id BETWEEN :first_target AND :last_target
ORDER BY st.target_id, e.address
