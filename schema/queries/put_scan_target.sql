-- Most lists are the same scan after scan: a line's text is kept only where it is not the one that the target has, and a
-- profile only where it is not the scan's.
INSERT INTO scan_target (scan_id, target_id, label_set_id, input_line, input_text, run, found_in, profile)
VALUES (?1, ?2, ?3, ?4, nullif(?5, (SELECT coalesce(t.input_text, t.host) FROM target AS t WHERE t.target_id = ?2)), ?6, ?7,
  iif(?8 IS NULL, NULL, nullif(?8, (SELECT s.profile FROM scan AS s WHERE s.scan_id = ?1))))
ON CONFLICT (scan_id, target_id) DO NOTHING;
