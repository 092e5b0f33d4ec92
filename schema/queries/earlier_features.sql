-- What the newest whole survey of an endpoint found, before this scan and at least as deep (trait 45: survey_complete).
SELECT f.kind, f.version, f.code, f.supported, f.rank, f.value, f.text
FROM feature AS f
WHERE f.feature_set_id = (
  SELECT o.feature_set_id
  FROM endpoint AS e
    JOIN observation AS o ON o.endpoint_id = e.endpoint_id
    JOIN scan AS s ON s.scan_id = o.scan_id
    LEFT JOIN scan_target AS st ON st.scan_id = o.scan_id AND st.target_id = e.target_id
  WHERE e.target_id = :target_id AND e.address = :address AND o.scan_id <> :scan_id
    AND coalesce(st.profile, s.profile) IN (:profile, 'deep')
    AND EXISTS (SELECT 1 FROM feature AS c
      WHERE c.feature_set_id = o.feature_set_id AND c.kind = 'trait' AND c.version = 0 AND c.code = 45 AND c.supported = 1)
  ORDER BY o.observed_s DESC, o.scan_id DESC LIMIT 1);
