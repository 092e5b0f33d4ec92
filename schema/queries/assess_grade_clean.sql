-- Observations without a finding: A where a certificate was seen and trusted, T where the stored verdict is bad all the
-- same (assess_grade.sql says when), nothing where none was seen.
UPDATE observation AS o
SET config_grade = iif(leaf_id IS NULL, NULL, 'A'),
  grade = CASE WHEN leaf_id IS NULL THEN NULL
    WHEN trusted = 0 AND coalesce(trust_detail, '') NOT IN ('incomplete-chain', 'expired', 'not-yet-valid') THEN 'T'
    ELSE 'A' END,
  grade_partial = iif(leaf_id IS NULL, NULL, feature_set_id IS NULL)
WHERE scan_id = :scan_id
  AND NOT EXISTS (SELECT 1 FROM finding AS f WHERE f.observation_id = o.observation_id)
  AND (config_grade IS NOT iif(leaf_id IS NULL, NULL, 'A')
    OR grade IS NOT CASE WHEN leaf_id IS NULL THEN NULL
      WHEN trusted = 0 AND coalesce(trust_detail, '') NOT IN ('incomplete-chain', 'expired', 'not-yet-valid') THEN 'T'
      ELSE 'A' END
    OR grade_partial IS NOT iif(leaf_id IS NULL, NULL, feature_set_id IS NULL));
