SELECT label_set_id FROM label_set WHERE sha256 = ?;
