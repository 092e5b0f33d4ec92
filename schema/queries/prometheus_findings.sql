-- Findings of :scan_id by rule and severity, waived ones left out. What a rule did not find has no row: whether it could
-- have is not said here.
SELECT CASE f.severity WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' ELSE 'info' END
    AS severity,
  r.name AS rule, count(*) AS value
FROM observation AS ob
  CROSS JOIN finding AS f ON f.observation_id = ob.observation_id
  CROSS JOIN rule AS r ON r.rule_id = f.rule_id
WHERE ob.scan_id = :scan_id AND f.waived_until_s IS NULL
GROUP BY 1, r.name ORDER BY max(f.severity) DESC, r.name;
