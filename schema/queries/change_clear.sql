DELETE FROM main.change WHERE scan_id = :scan_id;
