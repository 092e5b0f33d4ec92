-- The scan :scan_id in one row; `options` is JSON, or NULL where the stored text is none.
SELECT s.scan_id, s.scan_uuid, s.profile, s.state,
  datetime(s.started_s, 'unixepoch') AS started_utc, datetime(s.finished_s, 'unixepoch') AS finished_utc,
  datetime(s.as_of_s, 'unixepoch') AS as_of_utc, s.tool_version, s.shard,
  (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id) AS targets,
  (SELECT count(*) FROM observation AS ob WHERE ob.scan_id = s.scan_id) AS endpoints,
  (SELECT count(*) FROM rejected_target AS rt WHERE rt.scan_id = s.scan_id) AS rejected_targets,
  s.trust_store, s.trust_store_sha256, s.input_sha256, s.vantage, s.notices,
  s.compared_scan_id, s.confirm_after,
  CASE WHEN json_valid(s.options_json) THEN json(s.options_json) END AS options
FROM scan AS s WHERE s.scan_id = :scan_id;
