-- Rows that are shared go by their hash, here and below; what hangs on one is taken where the row is new.
INSERT INTO main.label_set (sha256)
SELECT s.sha256 FROM shard.label_set AS s WHERE true ORDER BY s.label_set_id
ON CONFLICT (sha256) DO NOTHING;
INSERT INTO temp.map_label_set (old_id, new_id)
SELECT s.label_set_id, m.label_set_id FROM shard.label_set AS s CROSS JOIN main.label_set AS m ON m.sha256 = s.sha256;
INSERT INTO main.label (label_set_id, position, name, value)
SELECT m.new_id, s.position, s.name, s.value
FROM temp.map_label_set AS m CROSS JOIN shard.label AS s ON s.label_set_id = m.old_id
WHERE m.new_id > (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'label_set');
