-- grade-changed: between scans that were as deep and measured as much. Worse at once, better once it has lasted.
WITH rank (letter, grade) AS (
  VALUES ('a', 'T'), ('b', 'M'), ('c', 'F'), ('d', 'C'), ('e', 'B'), ('f', 'A-'), ('g', 'A'), ('h', 'A+')),
graded AS (
  SELECT w.endpoint_id, w.ordinal, min(r.letter) AS letter
  FROM temp.seen AS w
    JOIN temp.seen AS now ON now.endpoint_id = w.endpoint_id AND now.ordinal = 0
    JOIN rank AS r ON r.grade = w.grade
  WHERE w.depth = now.depth AND w.grade_partial IS now.grade_partial
  GROUP BY w.endpoint_id, w.ordinal),
turned AS (
  SELECT endpoint_id, told(group_concat(letter, ''), :confirm_after, 1, :hold, :turns) AS was, substr(group_concat(letter, ''), -1) AS now
  FROM (SELECT * FROM graded ORDER BY endpoint_id, ordinal DESC)
  GROUP BY endpoint_id HAVING min(ordinal) = 0 AND min(letter) <> max(letter))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, t.endpoint_id, 'grade-changed', 'grade', s.previous_scan_id, b.grade, a.grade,
  CASE WHEN t.now > t.was THEN 1 WHEN t.now <= 'c' THEN 3 ELSE 2 END
FROM turned AS t
  JOIN temp.subject AS s USING (endpoint_id)
  JOIN rank AS b ON b.letter = t.was
  JOIN rank AS a ON a.letter = t.now
WHERE t.was IS NOT NULL;
