-- A second observation of an endpoint in one scan changes nothing: the first stands.
INSERT INTO observation (observation_id, scan_id, endpoint_id, observed_s, outcome_id, outcome_stage, outcome_detail, attempts,
  connections, read_bytes, cname_chain_id, dns_us, connect_us, starttls_us, server_hello_us, handshake_us, total_us,
  own_us, loop_lag_us, rtt_us, tls_version, cipher, kx_group, signature_scheme, alpn, ocsp_stapled,
  client_certificate_requested, hello_retry, sct_count_tls, leaf_id, presented_chain_id, verified_chain_id,
  presented_depth, verified_depth, presented_chain_len, extraneous_count, duplicates_count, root_sent, built_from,
  chain_status, trusted, trust_detail, trust_text, trusted_but_for_date, name_match, cn_match, chain_not_after_s,
  chain_not_after_id, feature_set_id, starttls_leftover_bytes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
  ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scan_id, endpoint_id) DO NOTHING;
