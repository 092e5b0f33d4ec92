-- Two results for every observation with a finding; assess_grade_clean.sql has the others. config_grade
-- is the lowest cap of its findings, A without one (A+ needs what only a survey measures). grade is what people see: T
-- where trust fails, else M where only the name does, else config_grade. Waived findings do neither, and a chain that is
-- only incomplete keeps its grade. Where the stored verdict is bad and no trust finding, waived or not, says so (a user
-- replaced the rule), the verdict stands; dates are left to the rules, which have the clock.
-- packed: bits 0-2 the worst cap (assess_make_caps.sql), 3-5 the verdict, 6 whether there is a trust finding at all.
WITH packed AS MATERIALIZED (
  SELECT o.observation_id, o.leaf_id, o.feature_set_id IS NULL AS is_partial,
    o.trusted = 0 AND coalesce(o.trust_detail, '') NOT IN ('incomplete-chain', 'expired', 'not-yet-valid') AS is_untrusted,
    (SELECT max(iif(k.rank < 5 AND f.waived_until_s IS NULL, k.rank, 0))
        + 8 * max(iif(k.rank >= 5 AND f.waived_until_s IS NULL, k.rank, 0))
        + 64 * max(k.rank >= 5)
      FROM finding AS f CROSS JOIN temp.assess_cap AS k ON k.rule_id = f.rule_id AND k.severity = f.severity
      WHERE f.observation_id = o.observation_id) AS packed
  FROM observation AS o
  WHERE o.scan_id = :scan_id AND EXISTS (SELECT 1 FROM finding AS f WHERE f.observation_id = o.observation_id)),
judged AS MATERIALIZED (
  SELECT observation_id,
    CASE WHEN leaf_id IS NULL THEN NULL ELSE
      CASE packed & 7 WHEN 0 THEN 'A' WHEN 1 THEN 'A-' WHEN 2 THEN 'B' WHEN 3 THEN 'C' ELSE 'F' END END AS config_grade,
    CASE WHEN leaf_id IS NULL THEN NULL WHEN (packed >> 3 & 7) = 6 OR (is_untrusted AND packed < 64) THEN 'T'
      WHEN (packed >> 3 & 7) = 5 THEN 'M' END AS verdict,
    iif(leaf_id IS NULL, NULL, is_partial) AS grade_partial
  FROM packed)
UPDATE observation AS o
SET config_grade = j.config_grade, grade = coalesce(j.verdict, j.config_grade), grade_partial = j.grade_partial
FROM judged AS j
WHERE o.observation_id = j.observation_id
  AND (o.config_grade IS NOT j.config_grade OR o.grade IS NOT coalesce(j.verdict, j.config_grade)
    OR o.grade_partial IS NOT j.grade_partial);
