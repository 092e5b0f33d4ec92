-- The labels of one row: :label_set_id is what report_endpoints gave (NULL has none). `position` and `name` are
-- those of report_labels.sql.
SELECT name, position, value FROM label WHERE label_set_id = :label_set_id ORDER BY position, name;
