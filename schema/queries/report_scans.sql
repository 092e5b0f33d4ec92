-- Every scan, newest first, for the list of scans.
SELECT s.scan_id, datetime(s.started_s, 'unixepoch') AS started_utc,
  CASE WHEN instr(s.notices, 'pruned: ') > 0 THEN 'pruned' ELSE s.state END AS state,
  CASE WHEN EXISTS (SELECT 1 FROM scan_target AS st WHERE st.scan_id = s.scan_id AND st.profile IS NOT NULL)
    THEN (SELECT iif(count(*) = 1, min(p.profile), 'mixed') FROM scan_profile AS p WHERE p.scan_id = s.scan_id)
    ELSE s.profile END AS profile,
  (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id) AS targets,
  (SELECT count(*) FROM observation AS ob WHERE ob.scan_id = s.scan_id) AS endpoints,
  (SELECT count(*) FROM observation AS ob WHERE ob.scan_id = s.scan_id
    AND (ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL)) AS answered,
  (SELECT count(*) FROM observation AS ob CROSS JOIN finding AS f ON f.observation_id = ob.observation_id
    WHERE ob.scan_id = s.scan_id AND f.severity >= 3 AND f.waived_until_s IS NULL) AS findings_high,
  s.finished_s - s.started_s AS duration_s, s.input_sha256
FROM scan AS s ORDER BY s.started_s DESC, s.scan_id DESC;
