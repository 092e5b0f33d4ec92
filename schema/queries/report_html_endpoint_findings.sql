-- The findings of one observation, worst first; waived ones last.
SELECT f.rule_id, f.severity, f.detail, f.waived_until_s, f.waiver_reason
FROM finding AS f JOIN rule AS r USING (rule_id)
WHERE f.observation_id = :observation_id
ORDER BY f.waived_until_s IS NOT NULL, f.severity DESC, r.name
