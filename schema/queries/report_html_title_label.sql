-- The most frequent value of one label.
SELECT l.value AS name, count(*) AS targets_count,
  (SELECT count(*) FROM scan_target WHERE scan_id = :scan_id) AS all_count
FROM scan_target AS st JOIN label AS l ON l.label_set_id = st.label_set_id AND l.name = :label
WHERE st.scan_id = :scan_id
GROUP BY l.value ORDER BY targets_count DESC, l.value LIMIT 1
