-- The first columns of report_html_walk.sql: enough to count and to sort, in half the time.
SELECT ob.observation_id, st.target_id, t.host, t.port, e.address,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce((SELECT g.value
    FROM label AS g WHERE g.label_set_id = st.label_set_id AND g.name = :group_label), '(none)') END AS grp,
  CASE WHEN :owner_label <> '' THEN (SELECT w.value
    FROM label AS w WHERE w.label_set_id = st.label_set_id AND w.name = :owner_label) END AS owner,
  (SELECT sum(1 << CASE WHEN f.waived_until_s IS NULL THEN 8 * f.severity ELSE 40 END) FROM finding AS f
    WHERE f.observation_id = ob.observation_id) AS score,
  ob.outcome_id, ob.outcome_stage, ob.outcome_detail, ob.tls_version, ob.cipher, ob.kx_group, ob.alpn, ob.leaf_id,
  ob.presented_chain_id, ob.verified_chain_id, ob.presented_depth, ob.verified_depth, ob.chain_status, ob.trusted,
  ob.trust_detail, ob.name_match, ob.grade, ob.grade_partial, ob.feature_set_id, c.not_before_s, c.not_after_s, c.key_type, c.key_bits,
  c.is_self_signed, c.issuer_organization, c.issuer_cn, c.issuer
FROM scan_target AS st CROSS JOIN target AS t ON t.target_id = st.target_id
  CROSS JOIN endpoint AS e ON e.target_id = st.target_id
  CROSS JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id = st.scan_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
WHERE st.scan_id = :scan_id AND st.target_id BETWEEN :first_target AND :last_target
ORDER BY st.target_id, e.address
