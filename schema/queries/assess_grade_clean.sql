-- Observations without a finding: A or A+ where a certificate was seen and trusted, T where the stored verdict is bad all
-- the same (assess_grade.sql says when), nothing where none was seen.
WITH judged AS MATERIALIZED (
  SELECT o.observation_id, iif(o.leaf_id IS NULL, NULL, iif(s.is_plus, 'A+', 'A')) AS config_grade,
    iif(o.leaf_id IS NOT NULL AND o.trusted = 0
      AND coalesce(o.trust_detail, '') NOT IN ('incomplete-chain', 'expired', 'not-yet-valid'), 'T', NULL) AS verdict,
    iif(o.leaf_id IS NULL, NULL, coalesce(s.is_partial, 1)) AS grade_partial
  FROM observation AS o LEFT JOIN temp.assess_set AS s ON s.feature_set_id = o.feature_set_id
  WHERE o.scan_id = :scan_id AND NOT EXISTS (SELECT 1 FROM finding AS f WHERE f.observation_id = o.observation_id))
UPDATE observation AS o
SET config_grade = j.config_grade, grade = coalesce(j.verdict, j.config_grade), grade_partial = j.grade_partial
FROM judged AS j
WHERE o.observation_id = j.observation_id
  AND (o.config_grade IS NOT j.config_grade OR o.grade IS NOT coalesce(j.verdict, j.config_grade)
    OR o.grade_partial IS NOT j.grade_partial);
