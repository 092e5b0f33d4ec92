-- The columns of report_endpoints.sql for :observation_id of a scan that runs. What the rules find, the grades and what
-- changed are known when it is done, and NULL here, whenever this is asked.
SELECT v.scan_id, v.scanned_utc, v.target, v.protocol, v.host, v.host_unicode, v.port, v.address, v.outcome, v.outcome_stage,
  v.outcome_detail, v.attempts,
  NULL AS grade, NULL AS worst_severity, NULL AS findings_critical, NULL AS findings_high, NULL AS findings_medium,
  NULL AS findings_low, NULL AS findings_info, NULL AS findings,
  v.leaf_expires_utc, v.leaf_days_left, v.chain_expires_utc, v.chain_days_left, v.chain_expires_subject,
  v.presented_depth, v.verified_depth, v.chain_status, v.trusted, v.trust_detail, v.name_match,
  v.subject_cn, v.names, v.names_count, v.issuer_organization, v.issuer_cn, v.anchor_cn,
  v.key_type, v.key_bits, v.signature, v.serial, v.leaf_sha256, v.spki_sha256, v.lifetime_days, v.issued_utc, v.is_wildcard,
  v.sct_count, v.ocsp_stapled, v.tls_version, v.cipher, v.kx_group, v.post_quantum, v.forward_secrecy, v.alpn,
  v.versions_supported, v.versions_unknown, v.hsts_max_age_s, v.redirects_to_https, v.caa, v.dane,
  v.dns_ms, v.connect_ms, v.starttls_ms, v.server_hello_ms, v.handshake_ms, v.total_ms, v.connections, v.read_bytes,
  v.first_seen_utc, NULL AS previous_grade, NULL AS changed, NULL AS config_grade, NULL AS grade_partial,
  v.suites_supported, v.groups_supported, v.survey_complete, v.starttls_leftover_bytes, v.found_in, v.profile,
  v.observed_utc,
  v.observation_id, v.label_set_id, v.presented_chain_id, v.verified_chain_id, ob.feature_set_id
FROM observation AS ob CROSS JOIN v_endpoint_history AS v ON v.observation_id = ob.observation_id
WHERE ob.observation_id = :observation_id;
