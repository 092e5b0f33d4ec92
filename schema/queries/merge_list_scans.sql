-- The scans of the shard, each beside what the database has of it.
SELECT s.scan_id, s.scan_uuid, s.state, s.shard, s.profile, s.tool_version, s.vantage, s.notices,
  CASE WHEN json_valid(s.options_json) THEN json_extract(s.options_json, '$.shard') END AS own_shard,
  m.scan_id, m.shard, m.profile, m.tool_version, m.vantage, m.notices,
  m.trust_store_sha256 IS s.trust_store_sha256,
  m.input_sha256 <> s.input_sha256,    -- NULL once two of the parts had different ones
  m.state <> 'done' AND (m.shard = '1/1'
    OR CASE WHEN json_valid(m.options_json) THEN json_extract(m.options_json, '$.shard') END IS NOT NULL), p.scan_id
FROM shard.scan AS s
  LEFT JOIN main.scan AS m ON m.scan_uuid = s.scan_uuid
  LEFT JOIN temp.merge_plan AS p ON p.scan_uuid = s.scan_uuid
ORDER BY s.started_s, s.scan_id;
