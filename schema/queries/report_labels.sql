-- Names of all labels of :scan_id, in the order of the input's columns. `is_repeated`: some target has two labels of
-- that name, so its columns are told apart by their position; else a name is one column, wherever a list had it.
WITH used AS (
  SELECT l.name, l.position, count(*) OVER (PARTITION BY l.label_set_id, l.name) > 1 AS is_repeated
  FROM (SELECT DISTINCT label_set_id FROM scan_target WHERE scan_id = :scan_id AND label_set_id IS NOT NULL)
    JOIN label AS l USING (label_set_id))
SELECT name, position, max(max(is_repeated)) OVER (PARTITION BY name) AS is_repeated
FROM used GROUP BY name, position ORDER BY position, name;
