-- How many ended how, of those that showed no certificate.
SELECT o.name AS outcome, count(*) AS endpoints_count
FROM observation AS ob JOIN outcome AS o USING (outcome_id) JOIN endpoint AS e USING (endpoint_id)
  JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
WHERE ob.scan_id = :scan_id AND ob.leaf_id IS NULL AND ob.outcome_id NOT IN (0, 18)
  AND (:split IS NULL OR :split = CASE :group_label
    WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END)
GROUP BY o.name ORDER BY endpoints_count DESC, o.name
