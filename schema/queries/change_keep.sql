INSERT INTO main.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity FROM temp.change;
