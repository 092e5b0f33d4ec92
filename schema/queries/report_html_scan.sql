-- What the page says of the scan itself.
WITH mixed AS (SELECT EXISTS (SELECT 1 FROM scan_target WHERE scan_id = :scan_id AND profile IS NOT NULL) AS is_mixed),
used AS MATERIALIZED (SELECT p.profile, p.targets_count FROM mixed CROSS JOIN scan_profile AS p ON p.scan_id = :scan_id WHERE is_mixed)
SELECT CASE (SELECT count(*) FROM used) WHEN 0 THEN s.profile WHEN 1 THEN (SELECT profile FROM used)
    ELSE (SELECT group_concat(words, '; ') FROM (
      SELECT profile || ': ' || targets_count || iif(targets_count = 1, ' target', ' targets') AS words
      FROM used ORDER BY targets_count DESC, profile)) END AS profile, s.state, s.started_s, s.finished_s, s.as_of_s, s.tool_version,
  trim(replace(s.vantage, char(10), '; '), '; ') AS vantage, trim(replace(s.notices, char(10), '; '), '; ') AS notices, s.trust_store,
  lower(hex(s.trust_store_sha256)) AS trust_store_sha256, lower(hex(s.input_sha256)) AS input_sha256, s.shard,
  (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id) AS targets_count,
  CASE WHEN s.state <> 'done' THEN (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id AND NOT EXISTS (
    SELECT 1 FROM endpoint AS e JOIN observation AS ob USING (endpoint_id)
    WHERE e.target_id = st.target_id AND ob.scan_id = s.scan_id)) END AS targets_open,
  (SELECT count(*) FROM rejected_target AS x WHERE x.scan_id = s.scan_id) AS rejected_count,
  EXISTS (SELECT 1 FROM scan AS p WHERE p.scan_id <> s.scan_id AND p.started_s < s.started_s) AS has_earlier,
  (SELECT count(*) FROM observation AS ob WHERE ob.scan_id = s.scan_id) AS observations_count,
  iif(is_mixed, EXISTS (SELECT 1 FROM used WHERE profile = 'quick'), s.profile = 'quick') AS has_quick,
  iif(is_mixed, EXISTS (SELECT 1 FROM used WHERE profile <> 'quick'), s.profile IN ('standard', 'deep')) AS has_survey
FROM scan AS s, mixed WHERE s.scan_id = :scan_id
