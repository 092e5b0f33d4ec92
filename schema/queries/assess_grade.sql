-- Two results for every observation with a finding; assess_grade_clean.sql has the others. config_grade is the lowest cap
-- of its findings; without one A, or A+ where its features are such (assess_fill_sets.sql). grade is what people see: T
-- where trust fails, else M where only the name does, else config_grade. Waived findings do neither, and a chain that is
-- only incomplete keeps its grade. Where the stored verdict is bad and no trust finding, waived or not, says so (a user
-- replaced the rule), the verdict stands; dates are left to the rules, which have the clock.
-- packed: bits 0-2 the worst cap (assess_make_caps.sql), 3-5 the verdict, 6 whether there is a trust finding at all.
WITH packed AS MATERIALIZED (
  SELECT o.observation_id, o.leaf_id, o.feature_set_id,
    o.trusted = 0 AND coalesce(o.trust_detail, '') NOT IN ('incomplete-chain', 'expired', 'not-yet-valid') AS is_untrusted,
    (SELECT max(iif(k.rank < 5 AND f.waived_until_s IS NULL, k.rank, 0))
        + 8 * max(iif(k.rank >= 5 AND f.waived_until_s IS NULL, k.rank, 0))
        + 64 * max(k.rank >= 5)
      FROM finding AS f CROSS JOIN temp.assess_cap AS k ON k.rule_id = f.rule_id AND k.severity = f.severity
      WHERE f.observation_id = o.observation_id) AS packed
  FROM observation AS o
  WHERE o.scan_id = :scan_id AND EXISTS (SELECT 1 FROM finding AS f WHERE f.observation_id = o.observation_id)),
judged AS MATERIALIZED (
  SELECT p.observation_id,
    CASE WHEN p.leaf_id IS NULL THEN NULL ELSE
      CASE p.packed & 7 WHEN 0 THEN iif(s.is_plus, 'A+', 'A') WHEN 1 THEN 'A-' WHEN 2 THEN 'B' WHEN 3 THEN 'C' ELSE 'F' END
      END AS config_grade,
    CASE WHEN p.leaf_id IS NULL THEN NULL WHEN (p.packed >> 3 & 7) = 6 OR (p.is_untrusted AND p.packed < 64) THEN 'T'
      WHEN (p.packed >> 3 & 7) = 5 THEN 'M' END AS verdict,
    iif(p.leaf_id IS NULL, NULL, coalesce(s.is_partial, 1)) AS grade_partial
  FROM packed AS p LEFT JOIN temp.assess_set AS s ON s.feature_set_id = p.feature_set_id)
UPDATE observation AS o
SET config_grade = j.config_grade, grade = coalesce(j.verdict, j.config_grade), grade_partial = j.grade_partial
FROM judged AS j
WHERE o.observation_id = j.observation_id
  AND (o.config_grade IS NOT j.config_grade OR o.grade IS NOT coalesce(j.verdict, j.config_grade)
    OR o.grade_partial IS NOT j.grade_partial);
