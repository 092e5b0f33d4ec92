-- --resume met the line again: what the list says now stands.
UPDATE scan_target SET label_set_id = ?, input_line = ?,
  input_text = nullif(?, (SELECT coalesce(t.input_text, t.host) FROM target AS t WHERE t.target_id = scan_target.target_id)),
  run = ?4, found_in = ?5, profile = iif(?6 IS NULL, NULL, nullif(?6, (SELECT s.profile FROM scan AS s WHERE s.scan_id = ?7)))
WHERE scan_id = ?7 AND target_id = ?8;
