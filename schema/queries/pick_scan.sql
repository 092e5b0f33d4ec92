SELECT scan_id, state FROM scan WHERE scan_id = :scan_id;
