INSERT INTO temp.assess_bundle (observation_id, finding_set_id) VALUES (?, ?);
