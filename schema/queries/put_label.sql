INSERT INTO label (label_set_id, name, value, position) VALUES (?, ?, ?, ?);
