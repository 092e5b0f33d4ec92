-- A rule goes by its name; what this program's own say of themselves is newer than what a shard says.
INSERT INTO main.rule (name, severity, title, why, remedy, source, grade_cap, is_trust)
SELECT s.name, s.severity, s.title, s.why, s.remedy, s.source, s.grade_cap, s.is_trust
FROM shard.rule AS s WHERE true ORDER BY s.rule_id
ON CONFLICT (name) DO NOTHING;
INSERT INTO temp.map_rule (old_id, new_id)
SELECT s.rule_id, m.rule_id FROM shard.rule AS s CROSS JOIN main.rule AS m ON m.name = s.name;
