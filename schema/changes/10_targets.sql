-- target-added, target-removed: what the list says. A target that comes with findings is as loud as the worst of them, which
-- are named; one that does not answer is told of, since that is how a mistyped line looks. An unfinished scan knows a part
-- of its list alone.
WITH came AS MATERIALIZED (
  SELECT st.target_id, e.endpoint_id, o.observation_id, u.name AS outcome,
    max(o.leaf_id IS NULL AND o.outcome_id NOT IN (0, 5, 18, 19, 20),
      coalesce((SELECT max(f.severity) FROM finding AS f WHERE f.observation_id = o.observation_id AND f.waived_until_s IS NULL),
        0)) AS severity
  FROM scan_target AS st
    CROSS JOIN endpoint AS e ON e.target_id = st.target_id
    CROSS JOIN observation AS o ON o.scan_id = st.scan_id AND o.endpoint_id = e.endpoint_id
    CROSS JOIN outcome AS u ON u.outcome_id = o.outcome_id
  WHERE st.scan_id = :scan_id
    AND (SELECT is_done FROM temp.past WHERE ordinal = 1)
    AND NOT EXISTS (SELECT 1 FROM temp.past AS p
      CROSS JOIN scan_target AS b ON b.scan_id = p.scan_id AND b.target_id = st.target_id WHERE p.ordinal >= 1))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, min(endpoint_id), 'target-added', 'target', :base_id, NULL,
  substr(max(severity || outcome || coalesce(', with ' || (
    SELECT group_concat(name, ' ') FROM (SELECT r.name FROM finding AS f CROSS JOIN rule AS r ON r.rule_id = f.rule_id
      WHERE f.observation_id = came.observation_id AND f.waived_until_s IS NULL AND f.severity >= 2
      ORDER BY f.severity DESC, r.name LIMIT 5)), '')), 2), max(severity)
FROM came GROUP BY target_id;

-- Lists that take turns in one database are told once each, as machines are, and quietly: what is worth a mail is what
-- went from the same list, or all of it. A name that certificates had, and have no more, was on no list.
WITH gone AS (
  SELECT DISTINCT b.target_id FROM temp.past AS p CROSS JOIN scan_target AS b ON b.scan_id = p.scan_id
  WHERE p.ordinal IN (1, :hold)
    AND NOT EXISTS (SELECT 1 FROM scan_target AS n WHERE n.scan_id = :scan_id AND n.target_id = b.target_id)),
listing AS (
  SELECT g.target_id, p.ordinal, p.scan_id, b.target_id IS NOT NULL AS is_listed
  FROM gone AS g
    CROSS JOIN temp.past AS p
    LEFT JOIN scan_target AS b ON b.scan_id = p.scan_id AND b.target_id = g.target_id
  WHERE b.target_id IS NOT NULL OR p.is_done),
turned AS (
  SELECT target_id, told(group_concat(is_listed, ''), 1, 1, :hold, 1) AS was, min(iif(is_listed, ordinal, NULL)) AS ordinal
  FROM (SELECT * FROM listing ORDER BY target_id, ordinal DESC) GROUP BY target_id HAVING min(ordinal) = 0)
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, min(e.endpoint_id), 'target-removed', 'target', p.scan_id, min(u.name), NULL,
  ((SELECT now.list IS p.list FROM temp.past AS now WHERE now.ordinal = 0)
    OR NOT EXISTS (SELECT 1 FROM scan_target AS n WHERE n.scan_id = :scan_id))
    AND NOT EXISTS (SELECT 1 FROM scan_target AS b
      WHERE b.scan_id = p.scan_id AND b.target_id = t.target_id AND b.found_in IS NOT NULL)
FROM turned AS t
  CROSS JOIN temp.past AS p ON p.ordinal = t.ordinal
  CROSS JOIN endpoint AS e ON e.target_id = t.target_id
  CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN outcome AS u ON u.outcome_id = o.outcome_id
WHERE t.was IS NOT NULL
GROUP BY t.target_id;
