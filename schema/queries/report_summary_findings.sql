-- Findings of :scan_id by severity, waived ones apart (severity NULL).
SELECT CASE WHEN f.waived_until_s IS NULL THEN f.severity END AS severity, count(*) AS findings
FROM observation AS ob CROSS JOIN finding AS f ON f.observation_id = ob.observation_id
WHERE ob.scan_id = :scan_id
GROUP BY 1 ORDER BY 1 DESC;
