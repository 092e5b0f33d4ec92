SELECT finding_set_id FROM finding_set WHERE sha256 = ?;
