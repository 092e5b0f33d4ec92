SELECT coalesce(min(new_id), 0) FROM temp.merge_scan;
