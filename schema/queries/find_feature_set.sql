SELECT feature_set_id FROM feature_set WHERE sha256 = ?;
