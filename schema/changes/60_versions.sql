-- version-enabled, version-disabled. Where no survey asked, the handshake is proof: it offers TLS 1.0 to 1.3, and a server
-- that takes less than the newest has no newer one. TLS 1.2 and 1.3 are told at once when they go, older versions when
-- they come; the good news of either once it has lasted.
WITH version (code, name, is_new) AS (
  VALUES (0x0002, 'SSLv2', 0), (0x0300, 'SSLv3', 0), (0x0301, 'TLSv1.0', 0), (0x0302, 'TLSv1.1', 0), (0x0303, 'TLSv1.2', 1),
    (0x0304, 'TLSv1.3', 1)),
sight AS MATERIALIZED (
  SELECT endpoint_id, ordinal, coalesce(feature_set_id, 0) AS feature_set_id, coalesce(tls_version, 0) AS tls_version
  FROM temp.seen WHERE feature_set_id IS NOT NULL OR tls_version IS NOT NULL),
fact AS MATERIALIZED (             -- once for all that are alike
  SELECT d.feature_set_id, d.tls_version, v.code, v.is_new,
    coalesce(f.supported, CASE WHEN v.code = d.tls_version THEN 1 WHEN v.code > d.tls_version AND d.tls_version >= 0x0301 THEN 0 END)
      AS is_supported
  FROM (SELECT DISTINCT feature_set_id, tls_version FROM sight) AS d
    CROSS JOIN version AS v
    LEFT JOIN feature AS f ON f.feature_set_id = d.feature_set_id AND f.kind = 'version' AND f.version = 0 AND f.code = v.code),
shape AS MATERIALIZED (            -- a bit for each version that it has, and for each that it has not
  SELECT feature_set_id, tls_version, sum(iif(is_supported = 1, bit, 0)) AS has, sum(iif(is_supported = 0, bit, 0)) AS lacks
  FROM (SELECT *, 1 << (row_number() OVER (PARTITION BY feature_set_id, tls_version ORDER BY code) - 1) AS bit FROM fact)
  GROUP BY feature_set_id, tls_version),
various AS MATERIALIZED (
  SELECT s.endpoint_id FROM sight AS s JOIN shape AS h USING (feature_set_id, tls_version)
  GROUP BY s.endpoint_id
  HAVING max(h.has & 1) AND max(h.lacks & 1) OR max(h.has & 2) AND max(h.lacks & 2) OR max(h.has & 4) AND max(h.lacks & 4)
    OR max(h.has & 8) AND max(h.lacks & 8) OR max(h.has & 16) AND max(h.lacks & 16) OR max(h.has & 32) AND max(h.lacks & 32)),
step AS (
  SELECT s.endpoint_id, f.code, f.is_new, s.ordinal, max(f.is_supported) AS is_supported
  FROM various AS d JOIN sight AS s USING (endpoint_id) JOIN fact AS f USING (feature_set_id, tls_version)
  WHERE f.is_supported IS NOT NULL GROUP BY s.endpoint_id, f.code, s.ordinal),
turned AS (
  SELECT endpoint_id, code, is_new,
    told(group_concat(is_supported, ''), iif(is_new, :confirm_after, 1), iif(is_new, 1, :confirm_after), :hold, :turns) AS was
  FROM (SELECT * FROM step ORDER BY endpoint_id, code, ordinal DESC)
  GROUP BY endpoint_id, code HAVING min(ordinal) = 0 AND min(is_supported) <> max(is_supported))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, t.endpoint_id, iif(t.was = '0', 'version-enabled', 'version-disabled'), v.name, s.previous_scan_id,
  iif(t.was = '0', 'no', 'yes'), iif(t.was = '0', 'yes', 'no'),
  CASE WHEN t.was = '0' THEN iif(v.is_new, 1, iif(v.code <= 0x0300, 3, 2))
    WHEN v.code = 0x0304 THEN 3
    WHEN v.code = 0x0303 AND NOT EXISTS (SELECT 1 FROM step AS x WHERE x.endpoint_id = t.endpoint_id AND x.ordinal = 0
      AND x.code = 0x0304 AND x.is_supported = 1) THEN 3
    ELSE 1 END
FROM turned AS t
  JOIN version AS v ON v.code = t.code
  JOIN temp.subject AS s ON s.endpoint_id = t.endpoint_id
WHERE t.was IS NOT NULL;
