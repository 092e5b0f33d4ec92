-- Hosts with one finding, worst and soonest first, among the observations that the page chose while it walked the scan
-- (:observations, a JSON list). Addresses of a target with the same words are one.
SELECT t.host, t.port, f.severity, f.detail, count(*) AS num_addresses,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END AS grp
FROM json_each(:observations) AS j CROSS JOIN observation AS ob ON ob.observation_id = j.value
  CROSS JOIN finding AS f ON f.observation_id = ob.observation_id AND f.rule_id = :rule_id
  CROSS JOIN endpoint AS e USING (endpoint_id) CROSS JOIN target AS t USING (target_id)
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
GROUP BY t.target_id, f.severity, f.detail
ORDER BY f.severity DESC, min(c.not_after_s), t.host, t.port, f.detail LIMIT :max_rows
