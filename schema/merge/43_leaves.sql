-- How long each endpoint had each leaf, also before the scans that are taken.
INSERT INTO main.endpoint_leaf (endpoint_id, leaf_id, first_seen_s, last_seen_s)
SELECT e.new_id, l.new_id, s.first_seen_s, s.last_seen_s
FROM shard.endpoint_leaf AS s
  CROSS JOIN temp.map_endpoint AS e ON e.old_id = s.endpoint_id
  CROSS JOIN temp.map_certificate AS l ON l.old_id = s.leaf_id
WHERE true ORDER BY e.new_id, l.new_id
ON CONFLICT (endpoint_id, leaf_id) DO UPDATE
SET first_seen_s = min(first_seen_s, excluded.first_seen_s), last_seen_s = max(last_seen_s, excluded.last_seen_s);
