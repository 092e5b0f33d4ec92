-- Findings that a waiver covers, and until when.
SELECT t.host, t.port, r.name, r.title, f.severity, f.detail, f.waived_until_s, f.waiver_reason,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END AS grp
FROM finding AS f JOIN rule AS r USING (rule_id) JOIN observation AS ob USING (observation_id)
  JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
WHERE ob.scan_id = :scan_id AND f.waived_until_s IS NOT NULL
  AND (:split IS NULL OR :split = CASE :group_label
    WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END)
ORDER BY f.waived_until_s, t.host, t.port, e.address, r.name LIMIT :max_rows
