-- temp.assess_bundle says which finding set of ours is which of the shard's (merge_findings.c); parts have none until they
-- are judged together.
INSERT INTO main.observation (scan_id, endpoint_id, observed_s, outcome_id, outcome_stage, outcome_detail, attempts,
  connections, read_bytes, cname_chain_id, dns_us, connect_us, starttls_us, server_hello_us, handshake_us, total_us, own_us,
  loop_lag_us, rtt_us, tls_version, cipher, kx_group, signature_scheme, alpn, ocsp_stapled, client_certificate_requested,
  hello_retry, sct_count_tls, feature_set_id, leaf_id, presented_chain_id, verified_chain_id, presented_depth,
  verified_depth, presented_chain_len, extraneous_count, duplicates_count, root_sent, built_from, chain_status, trusted,
  trust_detail, trust_text, trusted_but_for_date, name_match, cn_match, chain_not_after_s, chain_not_after_id, grade,
  config_grade, grade_partial, starttls_leftover_bytes, finding_set_id)
SELECT c.new_id, e.new_id, s.observed_s, s.outcome_id, s.outcome_stage, s.outcome_detail, s.attempts,
  s.connections, s.read_bytes, n.new_id, s.dns_us, s.connect_us, s.starttls_us, s.server_hello_us, s.handshake_us,
  s.total_us, s.own_us, s.loop_lag_us, s.rtt_us, s.tls_version, s.cipher, s.kx_group, s.signature_scheme, s.alpn,
  s.ocsp_stapled, s.client_certificate_requested, s.hello_retry, s.sct_count_tls, f.new_id, l.new_id, p.new_id, v.new_id,
  s.presented_depth, s.verified_depth, s.presented_chain_len, s.extraneous_count, s.duplicates_count, s.root_sent,
  s.built_from, s.chain_status, s.trusted, s.trust_detail, s.trust_text, s.trusted_but_for_date, s.name_match, s.cn_match,
  s.chain_not_after_s, x.new_id, s.grade, s.config_grade, s.grade_partial, s.starttls_leftover_bytes, b.finding_set_id
FROM temp.merge_scan AS c
  CROSS JOIN shard.observation AS s ON s.scan_id = c.old_id
  CROSS JOIN temp.map_endpoint AS e ON e.old_id = s.endpoint_id
  LEFT JOIN temp.map_cname_chain AS n ON n.old_id = s.cname_chain_id
  LEFT JOIN temp.map_feature_set AS f ON f.old_id = s.feature_set_id
  LEFT JOIN temp.map_certificate AS l ON l.old_id = s.leaf_id
  LEFT JOIN temp.map_chain AS p ON p.old_id = s.presented_chain_id
  LEFT JOIN temp.map_chain AS v ON v.old_id = s.verified_chain_id
  LEFT JOIN temp.map_certificate AS x ON x.old_id = s.chain_not_after_id
  LEFT JOIN temp.assess_bundle AS b ON b.observation_id = s.finding_set_id AND c.is_whole = 1 AND c.joins = 0
WHERE true
ON CONFLICT (scan_id, endpoint_id) DO NOTHING;
INSERT INTO temp.map_observation (old_id, new_id)
SELECT s.observation_id, o.observation_id
FROM temp.merge_scan AS c
  CROSS JOIN shard.observation AS s ON s.scan_id = c.old_id
  CROSS JOIN temp.map_endpoint AS e ON e.old_id = s.endpoint_id
  CROSS JOIN main.observation AS o ON o.scan_id = c.new_id AND o.endpoint_id = e.new_id
WHERE o.observation_id > (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'observation');
