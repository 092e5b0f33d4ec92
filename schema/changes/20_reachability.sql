-- became-unreachable, became-reachable: an outage is told once it has lasted, and its end only where it was told, or
-- where nothing had ever answered. Where a name failed, the end is told at one of its addresses.
WITH step AS (
  SELECT endpoint_id, ordinal, max(answered) AS answered FROM temp.seen GROUP BY endpoint_id, ordinal),
turned AS MATERIALIZED (
  SELECT endpoint_id, told(group_concat(answered, ''), 1, :confirm_after, :hold, :turns) AS was
  FROM (SELECT endpoint_id, ordinal, answered FROM step ORDER BY endpoint_id, ordinal DESC)
  GROUP BY endpoint_id HAVING min(ordinal) = 0 AND min(answered) <> max(answered)),
worded AS (
  SELECT t.endpoint_id, s.target_id, s.previous_scan_id, t.was, now.name AS after,
    (SELECT u.name FROM temp.seen AS w JOIN outcome AS u USING (outcome_id)
      WHERE w.endpoint_id = t.endpoint_id AND w.ordinal >= 1 AND w.answered = t.was
      ORDER BY w.ordinal, w.observation_id LIMIT 1) AS before,
    (SELECT w.name_failed FROM temp.seen AS w WHERE w.endpoint_id = t.endpoint_id AND w.ordinal >= 1 AND w.answered = 0
      ORDER BY w.ordinal, w.name_failed LIMIT 1) AS name_failed
  FROM turned AS t
    JOIN temp.subject AS s USING (endpoint_id)
    CROSS JOIN observation AS o USING (observation_id)
    JOIN outcome AS now USING (outcome_id)
  WHERE t.was IS NOT NULL)
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, endpoint_id, iif(was = '1', 'became-unreachable', 'became-reachable'), 'outcome', previous_scan_id, before,
  after, iif(was = '1', 3, 1)
FROM worded AS w
WHERE w.was = '1' OR w.name_failed = 0 OR w.endpoint_id = (SELECT min(x.endpoint_id) FROM worded AS x
  WHERE x.target_id = w.target_id AND x.was = '0' AND x.name_failed = 1);
