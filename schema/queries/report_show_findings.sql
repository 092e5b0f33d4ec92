-- The findings of :observation_id, worst first.
SELECT f.severity, r.name AS rule, r.title, f.detail, r.remedy,
  date(f.waived_until_s, 'unixepoch') AS waived_until, f.waiver_reason
FROM finding AS f JOIN rule AS r USING (rule_id)
WHERE f.observation_id = :observation_id
ORDER BY f.waived_until_s IS NOT NULL, f.severity DESC, r.name;
