-- Each rule with a finding: how many endpoints, how bad at worst, how many are waived. The group of an endpoint is
-- looked up only for --split-value.
SELECT r.rule_id, r.name, r.severity, r.title, r.why, r.remedy, r.source, r.grade_cap, r.is_trust,
  n.standing, n.waived, n.worst, n.worst_count
FROM rule AS r JOIN (
  SELECT f.rule_id, count(*) FILTER (WHERE f.waived_until_s IS NULL) AS standing,
    count(f.waived_until_s) AS waived, max(CASE WHEN f.waived_until_s IS NULL THEN f.severity END) AS worst,
    count(*) FILTER (WHERE f.waived_until_s IS NULL AND f.severity >= 3) AS worst_count
  FROM finding AS f JOIN observation AS ob USING (observation_id)
  WHERE ob.scan_id = :scan_id
    AND (:split IS NULL OR :split = (SELECT CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)')
        ELSE coalesce(g.value, '(none)') END
      FROM endpoint AS e JOIN target AS t USING (target_id)
        LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
        LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
      WHERE e.endpoint_id = ob.endpoint_id))
  GROUP BY f.rule_id) AS n USING (rule_id)
ORDER BY n.worst DESC, n.standing DESC, r.name
