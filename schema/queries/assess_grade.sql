-- Two results for every observation of the scan. config_grade is the lowest cap of its findings; without one A, or A+
-- where its features are such (assess_fill_features.sql). grade is what people see: T where trust fails, else M where only
-- the name does, else config_grade. Waived findings do neither, and a chain that is only incomplete keeps its grade. Where
-- the stored verdict is bad and no trust finding, waived or not, says so (a user replaced the rule), the verdict stands;
-- dates are left to the rules, which have the clock. Without a certificate there is no grade.
-- packed: bits 0-2 the worst cap (assess_make_caps.sql), 3-5 the verdict, 6 whether there is a trust finding at all. It is
-- the finding set's, save where something is waived.
WITH capped AS MATERIALIZED (
  SELECT b.finding_set_id, max(iif(k.rank < 5, k.rank, 0)) + 8 * max(iif(k.rank >= 5, k.rank, 0)) + 64 * max(k.rank >= 5)
    AS packed
  FROM (SELECT DISTINCT finding_set_id FROM temp.assess_bundle) AS b
    CROSS JOIN finding_set_row AS r ON r.finding_set_id = b.finding_set_id
    CROSS JOIN temp.assess_cap AS k ON k.rule_id = r.rule_id AND k.severity = r.severity
  GROUP BY b.finding_set_id),
waived AS MATERIALIZED (
  SELECT b.observation_id, max(iif(k.rank < 5 AND w.until_s IS NULL, k.rank, 0))
      + 8 * max(iif(k.rank >= 5 AND w.until_s IS NULL, k.rank, 0)) + 64 * max(k.rank >= 5) AS packed
  FROM (SELECT DISTINCT observation_id FROM finding_waiver) AS x
    CROSS JOIN temp.assess_bundle AS b ON b.observation_id = x.observation_id
    CROSS JOIN finding_set_row AS r ON r.finding_set_id = b.finding_set_id
    CROSS JOIN temp.assess_cap AS k ON k.rule_id = r.rule_id AND k.severity = r.severity
    LEFT JOIN finding_waiver AS w ON w.observation_id = b.observation_id AND w.rule_id = r.rule_id
  GROUP BY b.observation_id),
packed AS (
  SELECT o.observation_id, o.leaf_id, b.finding_set_id, s.is_plus, s.is_partial,
    o.trusted = 0 AND coalesce(o.trust_detail, '') NOT IN ('incomplete-chain', 'expired', 'not-yet-valid') AS is_untrusted,
    coalesce(w.packed, c.packed, 0) AS packed
  FROM observation AS o
    LEFT JOIN temp.assess_bundle AS b ON b.observation_id = o.observation_id
    LEFT JOIN capped AS c ON c.finding_set_id = b.finding_set_id
    LEFT JOIN waived AS w ON w.observation_id = o.observation_id
    LEFT JOIN temp.assess_feature AS s ON s.feature_set_id = o.feature_set_id
  WHERE o.scan_id = :scan_id),
judged AS MATERIALIZED (
  SELECT observation_id, finding_set_id,
    CASE WHEN leaf_id IS NULL THEN NULL ELSE
      CASE packed & 7 WHEN 0 THEN iif(is_plus, 'A+', 'A') WHEN 1 THEN 'A-' WHEN 2 THEN 'B' WHEN 3 THEN 'C' ELSE 'F' END
      END AS config_grade,
    CASE WHEN leaf_id IS NULL THEN NULL WHEN (packed >> 3 & 7) = 6 OR (is_untrusted AND packed < 64) THEN 'T'
      WHEN (packed >> 3 & 7) = 5 THEN 'M' END AS verdict,
    iif(leaf_id IS NULL, NULL, coalesce(is_partial, 1)) AS grade_partial
  FROM packed)
UPDATE observation AS o
SET finding_set_id = j.finding_set_id, config_grade = j.config_grade, grade = coalesce(j.verdict, j.config_grade),
  grade_partial = j.grade_partial
FROM judged AS j
WHERE o.observation_id = j.observation_id
  AND (o.finding_set_id IS NOT j.finding_set_id OR o.config_grade IS NOT j.config_grade
    OR o.grade IS NOT coalesce(j.verdict, j.config_grade) OR o.grade_partial IS NOT j.grade_partial);
