-- The values of :group_label in :scan_id, each once, by name; what has none is in the group (none).
SELECT DISTINCT coalesce((SELECT g.value FROM label AS g
    WHERE g.label_set_id = s.label_set_id AND g.name = :group_label), '(none)') AS value
FROM (SELECT DISTINCT st.label_set_id FROM scan_target AS st WHERE st.scan_id = :scan_id) AS s
ORDER BY value;
