-- Partial: of what the grade needs something is not known: a version, whether the suites of an accepted version are all
-- (trait 41, ciphers_complete), whether there is post-quantum key exchange at TLS 1.3 (46, post_quantum), or whatever else
-- the survey did not get to (45, survey_complete). Plus: what makes an A an A+, all of it known: TLS 1.3, nothing below
-- 1.2, post-quantum key exchange, and every suite with authenticated encryption and forward secrecy.
WITH facts AS (
  SELECT s.feature_set_id,
    (SELECT count(*) FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code IN (0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304) AND f.supported IS NOT NULL) = 6
    AND NOT EXISTS (SELECT 1 FROM feature AS v WHERE v.feature_set_id = s.feature_set_id AND v.kind = 'version'
      AND v.version = 0 AND v.code >= 0x0300 AND v.supported = 1
      AND NOT EXISTS (SELECT 1 FROM feature AS c WHERE c.feature_set_id = s.feature_set_id AND c.kind = 'trait'
        AND c.version = v.code AND c.code = 41 AND c.supported = 1))
    AND EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.version = 0
      AND f.code = 45 AND f.supported = 1) AS is_known,
    EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code = 0x0304 AND f.supported = 1) AS has_13,
    EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code < 0x0303 AND f.supported = 1) AS has_old,
    EXISTS (SELECT 1 FROM accepted_suite AS u WHERE u.feature_set_id = s.feature_set_id
      AND (u.is_aead IS NOT 1 OR u.forward_secrecy IS NOT 1)) AS has_lesser,
    (SELECT f.supported FROM feature AS f WHERE f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.version = 0
      AND f.code = 46) AS post_quantum
  FROM scan_feature_set AS s WHERE s.scan_id = :scan_id)
INSERT INTO temp.assess_feature (feature_set_id, is_partial, is_plus)
SELECT feature_set_id, NOT (is_known AND (NOT has_13 OR post_quantum IS NOT NULL)),
  is_known AND has_13 AND NOT has_old AND NOT has_lesser AND post_quantum IS 1
FROM facts;
