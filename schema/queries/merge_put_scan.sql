INSERT INTO temp.merge_scan (old_id, new_id, joins, is_whole, is_first, shard, vantage, notices)
VALUES (:old_id, :new_id, :joins, :is_whole, :is_first, :shard, :vantage, :notices);
