INSERT INTO main.handshake_message (observation_id, position, from_server, type, size_bytes, offset_us)
SELECT m.new_id, s.position, s.from_server, s.type, s.size_bytes, s.offset_us
FROM temp.map_observation AS m CROSS JOIN shard.handshake_message AS s ON s.observation_id = m.old_id;
INSERT INTO main.other_chain (observation_id, role, leaf_id, presented_chain_id, verified_chain_id, presented_depth,
  verified_depth, chain_status, trusted, trust_detail, trust_text, name_match, chain_not_after_s)
SELECT m.new_id, s.role, l.new_id, p.new_id, v.new_id, s.presented_depth, s.verified_depth, s.chain_status, s.trusted,
  s.trust_detail, s.trust_text, s.name_match, s.chain_not_after_s
FROM temp.map_observation AS m
  CROSS JOIN shard.other_chain AS s ON s.observation_id = m.old_id
  CROSS JOIN temp.map_certificate AS l ON l.old_id = s.leaf_id
  LEFT JOIN temp.map_chain AS p ON p.old_id = s.presented_chain_id
  LEFT JOIN temp.map_chain AS v ON v.old_id = s.verified_chain_id;
INSERT INTO main.finding_waiver (observation_id, rule_id, until_s, reason)
SELECT m.new_id, u.new_id, s.until_s, s.reason
FROM shard.finding_waiver AS s
  CROSS JOIN temp.map_observation AS m ON m.old_id = s.observation_id
  CROSS JOIN temp.map_rule AS u ON u.old_id = s.rule_id
  CROSS JOIN main.observation AS o ON o.observation_id = m.new_id
WHERE o.finding_set_id IS NOT NULL;
