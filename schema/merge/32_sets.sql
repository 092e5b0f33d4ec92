INSERT INTO main.cname_chain (names)
SELECT s.names FROM shard.cname_chain AS s WHERE true ORDER BY s.cname_chain_id
ON CONFLICT (names) DO NOTHING;
INSERT INTO temp.map_cname_chain (old_id, new_id)
SELECT s.cname_chain_id, m.cname_chain_id FROM shard.cname_chain AS s CROSS JOIN main.cname_chain AS m ON m.names = s.names;
INSERT INTO main.feature_set (sha256)
SELECT s.sha256 FROM shard.feature_set AS s WHERE true ORDER BY s.feature_set_id
ON CONFLICT (sha256) DO NOTHING;
INSERT INTO temp.map_feature_set (old_id, new_id)
SELECT s.feature_set_id, m.feature_set_id
FROM shard.feature_set AS s CROSS JOIN main.feature_set AS m ON m.sha256 = s.sha256;
INSERT INTO main.feature (feature_set_id, kind, version, code, supported, rank, value, text)
SELECT m.new_id, s.kind, s.version, s.code, s.supported, s.rank, s.value, s.text
FROM temp.map_feature_set AS m CROSS JOIN shard.feature AS s ON s.feature_set_id = m.old_id
WHERE m.new_id > (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'feature_set');
