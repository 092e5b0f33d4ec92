UPDATE scan SET shard = '1/1', state = 'done' WHERE scan_id = :scan_id
RETURNING confirm_after;
