-- Endpoints of :scan_id by the grade that people see; one that nobody has is 0, and who showed no certificate has none.
WITH known (position, grade) AS (
  VALUES (1, 'A+'), (2, 'A'), (3, 'A-'), (4, 'B'), (5, 'C'), (6, 'F'), (7, 'T'), (8, 'M'))
SELECT k.grade, coalesce(m.endpoints, 0) AS value
FROM known AS k
  LEFT JOIN (SELECT grade, count(*) AS endpoints FROM observation WHERE scan_id = :scan_id GROUP BY grade) AS m
    ON m.grade = k.grade
ORDER BY k.position;
