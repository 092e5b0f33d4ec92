-- Certificates of the handshakes of :scan_id, each once, that end within so many days of its reference time. What has
-- ended is not among them; what ends within 7 days is among those of 14 too.
WITH leaf AS MATERIALIZED (
  SELECT DISTINCT c.certificate_id, c.not_after_s - s.as_of_s AS left_s
  FROM scan AS s
    CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id
    CROSS JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  WHERE s.scan_id = :scan_id AND c.not_after_s >= s.as_of_s),
span (days) AS (VALUES (7), (14), (30), (60), (90))
SELECT span.days || 'd' AS within, (SELECT count(*) FROM leaf WHERE left_s < span.days * 86400) AS value
FROM span ORDER BY span.days;
