-- What showed no certificate: where it ended, in what words, and when the target last answered. Addresses that
-- ended alike are one row.
SELECT t.host, t.port, o.name AS outcome, ob.outcome_stage, ob.outcome_detail, ob.attempts,
  count(*) AS num_addresses, group_concat(e.address, ' ') AS addresses,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END AS grp,
  (SELECT max(o2.observed_s) FROM endpoint AS e2 JOIN observation AS o2 USING (endpoint_id)
    WHERE e2.target_id = e.target_id AND o2.outcome_id IN (0, 18) AND o2.scan_id <> ob.scan_id
      AND o2.observed_s < ob.observed_s) AS answered_s
FROM observation AS ob JOIN outcome AS o USING (outcome_id) JOIN endpoint AS e USING (endpoint_id)
  JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
WHERE ob.scan_id = :scan_id AND ob.leaf_id IS NULL AND ob.outcome_id NOT IN (0, 18)
  AND (:split IS NULL OR :split = CASE :group_label
    WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END)
GROUP BY t.target_id, ob.outcome_id, ob.outcome_detail
ORDER BY CASE ob.outcome_stage WHEN 'dns' THEN 0 WHEN 'tcp' THEN 1 WHEN 'starttls' THEN 2 ELSE 3 END, o.name, t.host, t.port
LIMIT :max_rows
