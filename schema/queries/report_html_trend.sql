-- The last eight finished scans up to :scan_id, oldest first, of lists at least half as long as its own: a few hosts
-- scanned by hand are no trend. What prune took a part of is left out, and of a long history the newest 24 scans are
-- looked at. Which sets of findings are bad is asked once; a row that a waiver touches is looked at by itself. A scan
-- without any grade was not judged.
WITH shown AS MATERIALIZED (
  SELECT n.scan_id
  FROM (SELECT s.scan_id, s.started_s FROM scan AS s JOIN scan AS this ON this.scan_id = :scan_id
    WHERE s.scan_id = :scan_id OR (s.state = 'done' AND (s.started_s, s.scan_id) < (this.started_s, this.scan_id)
      AND instr(s.notices, 'pruned: ') = 0)
    ORDER BY s.started_s DESC, s.scan_id DESC LIMIT 24) AS n
  WHERE 2 * (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = n.scan_id)
    >= (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = :scan_id)
  ORDER BY n.started_s DESC, n.scan_id DESC LIMIT 8),
bad AS MATERIALIZED (SELECT DISTINCT finding_set_id FROM finding_set_row WHERE severity >= 3)
SELECT s.started_s, count(*) AS endpoints,
  count(*) FILTER (WHERE ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL) AS answered,
  count(ob.grade) AS graded, count(*) FILTER (WHERE ob.grade LIKE 'A%') AS good,
  iif(count(ob.grade) > 0, count(*) FILTER (WHERE ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL), 0) AS judged,
  count(*) FILTER (WHERE ob.finding_set_id IN bad AND (ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL)
    AND (NOT EXISTS (SELECT 1 FROM finding_waiver AS w WHERE w.observation_id = ob.observation_id)
      OR EXISTS (SELECT 1 FROM finding AS f WHERE f.observation_id = ob.observation_id AND f.severity >= 3
        AND f.waived_until_s IS NULL))) AS act
FROM observation AS ob JOIN scan AS s ON s.scan_id = ob.scan_id
WHERE ob.scan_id IN shown
GROUP BY ob.scan_id ORDER BY s.started_s, s.scan_id;
