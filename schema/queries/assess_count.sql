SELECT f.severity, count(*) FILTER (WHERE f.waived_until_s IS NULL), count(f.waived_until_s)
FROM observation AS o JOIN finding AS f ON f.observation_id = o.observation_id
WHERE o.scan_id = :scan_id GROUP BY f.severity;
