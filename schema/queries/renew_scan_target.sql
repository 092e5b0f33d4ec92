-- --resume met the line again: what the list says now stands.
UPDATE scan_target SET label_set_id = ?3, input_line = ?4,
  input_text = nullif(?5, (SELECT coalesce(t.input_text, t.host) FROM target AS t WHERE t.target_id = ?2)),
  run = ?6, found_in = ?7, profile = iif(?8 IS NULL, NULL, nullif(?8, (SELECT s.profile FROM scan AS s WHERE s.scan_id = ?1)))
WHERE scan_id = ?1 AND target_id = ?2;
