-- Between whole scans; what it was compared with has another number here, and 0 where it is not here.
INSERT INTO main.change (scan_id, previous_scan_id, endpoint_id, kind, field, before, after, severity)
SELECT c.new_id, coalesce((SELECT m.scan_id FROM shard.scan AS p JOIN main.scan AS m ON m.scan_uuid = p.scan_uuid
    WHERE p.scan_id = s.previous_scan_id), 0),
  e.new_id, s.kind, s.field, s.before, s.after, s.severity
FROM shard.change AS s
  CROSS JOIN temp.merge_scan AS c ON c.old_id = s.scan_id
  CROSS JOIN temp.map_endpoint AS e ON e.old_id = s.endpoint_id
WHERE c.is_whole = 1 AND c.joins = 0 ORDER BY s.scan_id, s.endpoint_id, s.kind, s.field;
UPDATE main.scan AS t SET compared_scan_id = p.scan_id
FROM temp.merge_scan AS m CROSS JOIN shard.scan AS s ON s.scan_id = m.old_id
  CROSS JOIN shard.scan AS b ON b.scan_id = s.compared_scan_id
  CROSS JOIN main.scan AS p ON p.scan_uuid = b.scan_uuid
WHERE m.is_whole = 1 AND m.joins = 0 AND t.scan_id = m.new_id;
