INSERT INTO temp.merge_plan (scan_uuid, started_s)
SELECT s.scan_uuid, s.started_s FROM shard.scan AS s WHERE s.scan_id = :old_id
ON CONFLICT (scan_uuid) DO UPDATE SET started_s = min(started_s, excluded.started_s);
