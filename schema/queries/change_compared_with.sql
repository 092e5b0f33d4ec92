-- The scan that :scan_id was compared with; NULL for none.
SELECT compared_scan_id FROM scan WHERE scan_id = :scan_id;
