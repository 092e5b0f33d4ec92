UPDATE temp.assess_found SET severity = ?, detail_id = ? WHERE rule_id = ? AND observation_id = ?;
