-- What prune took from a scan would be scanned again.
SELECT scan_id, started_s, options_json FROM scan WHERE state <> 'done' AND instr(notices, 'pruned: ') = 0
ORDER BY started_s DESC, scan_id DESC LIMIT 1;
