-- What prune took from a scan would be scanned again; and one that a merge puts together is finished by its shards.
SELECT scan_id, started_s, options_json FROM scan
WHERE state <> 'done' AND instr(notices, 'pruned: ') = 0
  AND (shard = '1/1' OR CASE WHEN json_valid(options_json) THEN json_extract(options_json, '$.shard') END IS NOT NULL)
ORDER BY started_s DESC, scan_id DESC LIMIT 1;
