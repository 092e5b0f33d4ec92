SELECT scan_id, started_s, options_json FROM scan WHERE state <> 'done' ORDER BY started_s DESC, scan_id DESC LIMIT 1;
