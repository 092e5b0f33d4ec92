-- Most lists are the same scan after scan: a line's text is kept only where it is not the one that the target has.
INSERT INTO scan_target (scan_id, target_id, label_set_id, input_line, input_text, run, found_in)
VALUES (?, ?2, ?, ?, nullif(?, (SELECT coalesce(t.input_text, t.host) FROM target AS t WHERE t.target_id = ?2)), ?, ?)
ON CONFLICT (scan_id, target_id) DO NOTHING;
