-- --resume met the line again: what the list says now stands.
UPDATE scan_target SET label_set_id = ?, input_line = ?, input_text = ?, run = ? WHERE scan_id = ? AND target_id = ?;
