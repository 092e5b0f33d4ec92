-- --resume met the line again: what the list says now stands.
UPDATE scan_target SET label_set_id = ?, input_line = ?,
  input_text = nullif(?, (SELECT coalesce(t.input_text, t.host) FROM target AS t WHERE t.target_id = scan_target.target_id)),
  run = ?, found_in = ? WHERE scan_id = ? AND target_id = ?;
