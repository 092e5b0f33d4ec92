-- A rule goes by its name; what this program's own say of themselves is newer than what a shard says.
-- Which scans it judged is known by their numbers here; of one that comes between others more may be said to be judged than
-- were, which makes no finding new.
INSERT INTO main.rule (name, severity, title, why, remedy, source, grade_cap, is_trust, first_scan_id, last_scan_id,
  reads_survey)
SELECT s.name, s.severity, s.title, s.why, s.remedy, s.source, s.grade_cap, s.is_trust,
  (SELECT min(m.new_id) FROM temp.merge_scan AS m WHERE m.old_id >= s.first_scan_id),
  (SELECT max(m.new_id) FROM temp.merge_scan AS m WHERE m.old_id <= s.last_scan_id), s.reads_survey
FROM shard.rule AS s WHERE true ORDER BY s.rule_id
ON CONFLICT (name) DO UPDATE SET last_scan_id = excluded.last_scan_id
WHERE coalesce(excluded.last_scan_id, 0) > coalesce(last_scan_id, 0);
INSERT INTO temp.map_rule (old_id, new_id)
SELECT s.rule_id, m.rule_id FROM shard.rule AS s CROSS JOIN main.rule AS m ON m.name = s.name;
