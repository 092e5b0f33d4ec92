SELECT run, label_set_id, input_line, endpoints_count FROM scan_target WHERE scan_id = ? AND target_id = ?;
