-- What is counted of :scan_id as a whole, in one row; each column is a metric's name, and NULL is no series.
-- endpoints_post_quantum is NULL where no endpoint could be asked. Certificates are those of the handshakes, each once.
WITH asked AS (
  SELECT CASE WHEN g.is_post_quantum = 1 THEN 1 ELSE f.supported END AS post_quantum
  FROM observation AS ob
    LEFT JOIN tls_group AS g ON g.code = ob.kx_group
    LEFT JOIN feature AS f ON f.feature_set_id = ob.feature_set_id AND f.kind = 'trait' AND f.version = 0 AND f.code = 46
  WHERE ob.scan_id = :scan_id)
SELECT s.started_s AS scan_start_timestamp_seconds, s.finished_s AS scan_end_timestamp_seconds,
  s.state = 'done' AS scan_success,
  (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id) AS targets,
  (SELECT sum(post_quantum) FROM asked) AS endpoints_post_quantum,
  (SELECT count(DISTINCT ob.leaf_id) FROM observation AS ob JOIN certificate AS c ON c.certificate_id = ob.leaf_id
    WHERE ob.scan_id = s.scan_id AND c.not_after_s < s.as_of_s) AS leaf_certificates_expired,
  (SELECT count(*) FROM observation AS ob WHERE ob.scan_id = s.scan_id) AS num_endpoints
FROM scan AS s WHERE s.scan_id = :scan_id;
