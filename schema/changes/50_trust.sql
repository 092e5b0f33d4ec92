-- trust-changed: whether the path verifies, dates apart, which have findings of their own, and whether it is for the name.
-- What is lost is told at once, what is won once it has lasted.
WITH sight AS MATERIALIZED (
  SELECT endpoint_id, ordinal, trusted = 1 OR trust_detail IN ('expired', 'not-yet-valid') AS trusted, name_match
  FROM temp.seen WHERE leaf_id IS NOT NULL),
various AS MATERIALIZED (
  SELECT endpoint_id FROM sight GROUP BY endpoint_id
  HAVING min(trusted) <> max(trusted) OR min(name_match) <> max(name_match)),
verdict AS (
  SELECT endpoint_id, ordinal, 'trusted' AS field, trusted AS is_good FROM various JOIN sight USING (endpoint_id)
  WHERE trusted IS NOT NULL
  UNION ALL
  SELECT endpoint_id, ordinal, 'name_match', name_match FROM various JOIN sight USING (endpoint_id)
  WHERE name_match IS NOT NULL),
step AS (
  SELECT endpoint_id, field, ordinal, min(is_good) AS is_good FROM verdict GROUP BY endpoint_id, field, ordinal),
turned AS (
  SELECT endpoint_id, field, told(group_concat(is_good, ''), :confirm_after, 1, :hold, :turns) AS was
  FROM (SELECT * FROM step ORDER BY endpoint_id, field, ordinal DESC)
  GROUP BY endpoint_id, field HAVING min(ordinal) = 0 AND min(is_good) <> max(is_good))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, t.endpoint_id, 'trust-changed', t.field, s.previous_scan_id,
  CASE WHEN t.was = '1' THEN 'true' WHEN t.field = 'name_match' THEN 'false' ELSE coalesce(
    (SELECT w.trust_detail FROM temp.seen AS w
      WHERE w.endpoint_id = t.endpoint_id AND w.ordinal >= 1 AND w.trusted = 0
        AND w.trust_detail NOT IN ('expired', 'not-yet-valid') ORDER BY w.ordinal LIMIT 1), 'false') END,
  CASE WHEN t.was = '0' THEN 'true' WHEN t.field = 'name_match' THEN 'false' ELSE coalesce(o.trust_detail, 'false') END,
  CASE WHEN t.was = '0' THEN 1 WHEN t.field = 'trusted' AND o.trust_detail = 'incomplete-chain' THEN 2 ELSE 3 END
FROM turned AS t
  JOIN temp.subject AS s USING (endpoint_id)
  CROSS JOIN observation AS o USING (observation_id)
WHERE t.was IS NOT NULL;
