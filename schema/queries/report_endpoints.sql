-- All columns of endpoints.csv for :scan_id, in its order; labels come apart (report_labels.sql,
-- report_endpoint_labels.sql with this row's label_set_id). Ordered by host, port, protocol and address, the order
-- of the keys, so that rows stream out without a sort and the same database gives the same bytes.
SELECT h.scan_id, h.scanned_utc, h.target, h.protocol, h.host, h.host_unicode, h.port, h.address,
  h.outcome, h.outcome_stage, h.outcome_detail, h.attempts,
  h.grade, h.worst_severity, h.findings_critical, h.findings_high, h.findings_medium, h.findings_low, h.findings_info,
  h.findings, h.leaf_expires_utc, h.leaf_days_left, h.chain_expires_utc, h.chain_days_left, h.chain_expires_subject,
  h.presented_depth, h.verified_depth, h.chain_status, h.trusted, h.trust_detail, h.name_match,
  h.subject_cn, h.names, h.names_count, h.issuer_organization, h.issuer_cn, h.anchor_cn,
  h.key_type, h.key_bits, h.signature, h.serial, h.leaf_sha256, h.spki_sha256,
  h.lifetime_days, h.issued_utc, h.is_wildcard, h.sct_count, h.ocsp_stapled,
  h.tls_version, h.cipher, h.kx_group, h.post_quantum, h.forward_secrecy, h.alpn,
  h.versions_supported, h.versions_unknown, h.hsts_max_age_s, h.redirects_to_https, h.caa, h.dane,
  h.dns_ms, h.connect_ms, h.starttls_ms, h.server_hello_ms, h.handshake_ms, h.total_ms,
  h.connections, h.read_bytes, h.first_seen_utc, h.previous_grade, h.changed,
  h.config_grade, h.grade_partial,
  h.observation_id, h.endpoint_id, h.target_id, h.label_set_id, h.leaf_id, h.presented_chain_id, h.verified_chain_id
FROM v_endpoint_history AS h
WHERE h.scan_id = :scan_id
ORDER BY h.host, h.port, h.protocol, h.address, h.observation_id
LIMIT :max_rows OFFSET :first_row;
