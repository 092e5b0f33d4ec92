-- Hosts with one finding, worst and soonest first. Addresses of a target with the same words are one. The inner
-- query touches as little as it can: a rule may hold for every endpoint.
WITH worst AS MATERIALIZED (
  SELECT ob.observation_id, ob.endpoint_id, ob.scan_id, f.severity, f.detail, c.not_after_s
  FROM finding AS f JOIN observation AS ob USING (observation_id)
    LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  WHERE f.rule_id = :rule_id AND ob.scan_id = :scan_id AND f.waived_until_s IS NULL
    AND (:split IS NULL OR :split = (SELECT CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)')
        ELSE coalesce(g.value, '(none)') END
      FROM endpoint AS e JOIN target AS t USING (target_id)
        LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
        LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
      WHERE e.endpoint_id = ob.endpoint_id))
  ORDER BY f.severity DESC, c.not_after_s, ob.observation_id LIMIT 20 * :max_rows)
SELECT t.host, t.port, w.severity, w.detail, count(*) AS num_addresses,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END AS grp
FROM worst AS w JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = w.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
GROUP BY t.target_id, w.severity, w.detail
ORDER BY w.severity DESC, min(w.not_after_s), t.host, t.port, w.detail LIMIT :max_rows
