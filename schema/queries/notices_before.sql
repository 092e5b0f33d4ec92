-- What the newest finished scan said of itself.
SELECT notices FROM scan WHERE state = 'done' ORDER BY started_s DESC, scan_id DESC LIMIT 1;
