-- The labels of one set, in the input's order.
SELECT name, value FROM label WHERE label_set_id = :label_set_id ORDER BY position
