INSERT INTO scan_target (scan_id, target_id, label_set_id, input_line, input_text, run)
VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (scan_id, target_id) DO NOTHING;
