INSERT INTO main.chain (sha256)
SELECT s.sha256 FROM shard.chain AS s WHERE true ORDER BY s.chain_id
ON CONFLICT (sha256) DO NOTHING;
INSERT INTO temp.map_chain (old_id, new_id)
SELECT s.chain_id, m.chain_id FROM shard.chain AS s CROSS JOIN main.chain AS m ON m.sha256 = s.sha256;
INSERT INTO main.chain_certificate (chain_id, position, certificate_id)
SELECT m.new_id, s.position, c.new_id
FROM temp.map_chain AS m
  CROSS JOIN shard.chain_certificate AS s ON s.chain_id = m.old_id
  CROSS JOIN temp.map_certificate AS c ON c.old_id = s.certificate_id
WHERE m.new_id > (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'chain');
