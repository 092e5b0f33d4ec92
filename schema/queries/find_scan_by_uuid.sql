SELECT scan_id, started_s, state, shard FROM scan WHERE scan_uuid = lower(:uuid);
