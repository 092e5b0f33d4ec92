-- A line's text is kept only where it is not the target's own, which may be another here.
INSERT INTO main.scan_target (scan_id, target_id, label_set_id, input_line, input_text, endpoints_count, run, found_in, profile)
SELECT c.new_id, t.new_id, l.new_id, s.input_line,
  nullif(coalesce(s.input_text, st.input_text, st.host), coalesce(mt.input_text, mt.host)), s.endpoints_count, s.run, s.found_in,
  s.profile
FROM temp.merge_scan AS c
  CROSS JOIN shard.scan_target AS s ON s.scan_id = c.old_id
  CROSS JOIN shard.target AS st ON st.target_id = s.target_id
  CROSS JOIN temp.map_target AS t ON t.old_id = s.target_id
  CROSS JOIN main.target AS mt ON mt.target_id = t.new_id
  LEFT JOIN temp.map_label_set AS l ON l.old_id = s.label_set_id
WHERE true
ON CONFLICT (scan_id, target_id) DO NOTHING;
-- Each shard reads the whole list, so all of them reject the same lines.
INSERT INTO main.rejected_target (scan_id, file, line, text, reason)
SELECT c.new_id, s.file, s.line, s.text, s.reason
FROM temp.merge_scan AS c CROSS JOIN shard.rejected_target AS s ON s.scan_id = c.old_id
WHERE true
ON CONFLICT (scan_id, file, line, text) DO NOTHING;
