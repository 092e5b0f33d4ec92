UPDATE scan_target SET endpoints_count = ? WHERE scan_id = ? AND target_id = ?;
