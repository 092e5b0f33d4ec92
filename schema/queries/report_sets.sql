-- The feature sets that :scan_id met, by id, with the number of its endpoints that have each: what is counted over a scan.
-- A version is 1 accepted, 0 refused, NULL not measured. weakest: 1 recommended, 2 sufficient, 3 weak, 4 insecure, NULL
-- where no suite is known. complete_lists: versions of which all suites are known (enum tc_trait: 41 is ciphers_complete,
-- 45 survey_complete, 46 post_quantum). is_confirmed: what an earlier survey found is repeated, as its text says.
SELECT x.feature_set_id, x.endpoints,
  max(CASE WHEN f.kind = 'version' AND f.code = 0x0002 THEN f.supported END) AS ssl2,
  max(CASE WHEN f.kind = 'version' AND f.code = 0x0300 THEN f.supported END) AS ssl3,
  max(CASE WHEN f.kind = 'version' AND f.code = 0x0301 THEN f.supported END) AS tls10,
  max(CASE WHEN f.kind = 'version' AND f.code = 0x0302 THEN f.supported END) AS tls11,
  max(CASE WHEN f.kind = 'version' AND f.code = 0x0303 THEN f.supported END) AS tls12,
  max(CASE WHEN f.kind = 'version' AND f.code = 0x0304 THEN f.supported END) AS tls13,
  max(CASE WHEN f.kind = 'trait' AND f.code = 46 THEN f.supported END) AS post_quantum,
  coalesce(max(CASE WHEN f.kind = 'trait' AND f.code = 45 THEN f.supported END), 0) AS is_complete,
  max(CASE WHEN f.kind = 'cipher' AND f.supported = 1 THEN
    CASE s.quality WHEN 'recommended' THEN 1 WHEN 'sufficient' THEN 2 WHEN 'weak' THEN 3 WHEN 'insecure' THEN 4 END END) AS weakest,
  coalesce(sum(f.kind = 'cipher' AND f.supported = 1 AND s.quality IS NULL), 0) AS unknown_suites,
  coalesce(sum(f.kind = 'trait' AND f.code = 41 AND f.supported = 1), 0) AS complete_lists,
  coalesce(max(f.kind = 'trait' AND f.code = 45 AND f.supported = 1 AND f.text IS NOT NULL), 0) AS is_confirmed
FROM (SELECT feature_set_id, count(*) AS endpoints FROM observation
    WHERE scan_id = :scan_id AND feature_set_id IS NOT NULL GROUP BY feature_set_id) AS x
  LEFT JOIN feature AS f ON f.feature_set_id = x.feature_set_id AND f.kind IN ('version', 'trait', 'cipher')
  LEFT JOIN suite AS s ON f.kind = 'cipher' AND s.code = f.code
GROUP BY x.feature_set_id ORDER BY x.feature_set_id;
