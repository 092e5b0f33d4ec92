-- What the list is mostly about: its most frequent registrable domain.
SELECT t.registrable_domain AS name, count(*) AS targets_count,
  (SELECT count(*) FROM scan_target WHERE scan_id = :scan_id) AS all_count
FROM scan_target AS st JOIN target AS t USING (target_id)
WHERE st.scan_id = :scan_id AND t.registrable_domain IS NOT NULL
GROUP BY t.registrable_domain ORDER BY targets_count DESC, name LIMIT 1
