SELECT endpoint_id FROM endpoint WHERE target_id = ? AND address = ?;
