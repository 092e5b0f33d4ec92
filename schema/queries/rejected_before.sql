-- The lines that the newest finished scan could not use.
SELECT file, text FROM rejected_target
WHERE scan_id = (SELECT scan_id FROM scan WHERE state = 'done' ORDER BY started_s DESC, scan_id DESC LIMIT 1);
