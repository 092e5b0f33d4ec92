-- Every scan that is taken has its row. One whose parts are not all there counts as interrupted, and no option of it says
-- which part it is.
INSERT INTO main.scan (scan_id, scan_uuid, profile, state, started_s, finished_s, as_of_s, tool_version, vantage, notices,
  options_json, input_sha256, trust_store, trust_store_sha256, shard, runs, confirm_after)
SELECT m.new_id, s.scan_uuid, s.profile, iif(m.is_whole, s.state, 'interrupted'), s.started_s, s.finished_s, s.as_of_s,
  s.tool_version, m.vantage, m.notices,
  CASE WHEN json_valid(s.options_json) THEN json_remove(s.options_json, '$.shard') ELSE s.options_json END,
  s.input_sha256, s.trust_store, s.trust_store_sha256, m.shard, s.runs, s.confirm_after
FROM temp.merge_scan AS m CROSS JOIN shard.scan AS s ON s.scan_id = m.old_id
WHERE m.joins = 0;
-- Whichever shard comes first, the row is the same: times span all of them, and the lowest number speaks for the options.
UPDATE main.scan AS t
SET state = 'interrupted', shard = m.shard, vantage = m.vantage, notices = m.notices,
  started_s = min(t.started_s, s.started_s), as_of_s = min(t.as_of_s, s.as_of_s),
  finished_s = max(coalesce(t.finished_s, s.finished_s), coalesce(s.finished_s, t.finished_s)), runs = max(t.runs, s.runs),
  input_sha256 = iif(t.input_sha256 IS s.input_sha256, t.input_sha256, NULL),
  options_json = CASE WHEN m.is_first = 0 THEN t.options_json
    WHEN json_valid(s.options_json) THEN json_remove(s.options_json, '$.shard') ELSE s.options_json END,
  trust_store = iif(m.is_first, s.trust_store, t.trust_store)
FROM temp.merge_scan AS m JOIN shard.scan AS s ON s.scan_id = m.old_id
WHERE m.joins = 1 AND t.scan_id = m.new_id;
