SELECT host, port FROM target WHERE target_id = ?;
