-- done before interrupted before running, the newest of each
SELECT scan_id, state FROM scan
ORDER BY CASE state WHEN 'done' THEN 0 WHEN 'interrupted' THEN 1 ELSE 2 END, started_s DESC, scan_id DESC LIMIT 1;
