-- The leaves that a scan met, when it closes; again after it was resumed.
INSERT INTO endpoint_leaf (endpoint_id, leaf_id, first_seen_s, last_seen_s)
SELECT ob.endpoint_id, ob.leaf_id, s.started_s, s.started_s
FROM observation AS ob JOIN scan AS s ON s.scan_id = ob.scan_id
WHERE ob.scan_id = :scan_id AND ob.leaf_id IS NOT NULL
ORDER BY ob.endpoint_id
ON CONFLICT (endpoint_id, leaf_id) DO UPDATE
SET first_seen_s = min(first_seen_s, excluded.first_seen_s), last_seen_s = max(last_seen_s, excluded.last_seen_s);
