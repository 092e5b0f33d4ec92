-- Names of all labels of :scan_id, in the order of the input's columns.
SELECT name, position FROM (
  SELECT l.name, l.position FROM (SELECT DISTINCT label_set_id FROM scan_target
    WHERE scan_id = :scan_id AND label_set_id IS NOT NULL) AS st
  JOIN label AS l USING (label_set_id)
  GROUP BY l.position, l.name)
ORDER BY position, name;
