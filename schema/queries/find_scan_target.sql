SELECT st.run, st.label_set_id, st.input_line, st.endpoints_count, coalesce(st.profile, s.profile)
FROM scan_target AS st JOIN scan AS s ON s.scan_id = st.scan_id
WHERE st.scan_id = ? AND st.target_id = ?;
