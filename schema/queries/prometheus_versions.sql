-- Endpoints of :scan_id that accept each protocol version: those of the survey's and of the handshake's answer. A version
-- that nobody was asked for, or nobody gave an answer about, has no row: 0 means asked and refused.
WITH met AS (
  SELECT observation_id, tls_version AS code, 1 AS accepted
  FROM observation WHERE scan_id = :scan_id AND tls_version IS NOT NULL
  UNION
  SELECT ob.observation_id, f.code, f.supported
  FROM observation AS ob CROSS JOIN feature AS f ON f.feature_set_id = ob.feature_set_id
  WHERE ob.scan_id = :scan_id AND f.kind = 'version' AND f.supported IS NOT NULL)
SELECT coalesce(r.name, printf('0x%04X', m.code)) AS version,
  count(DISTINCT CASE WHEN m.accepted = 1 THEN m.observation_id END) AS value
FROM met AS m LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = m.code
GROUP BY 1 ORDER BY min(m.code);
