UPDATE scan SET compared_scan_id = nullif(:base_id, 0), confirm_after = :confirm_after WHERE scan_id = :scan_id;
