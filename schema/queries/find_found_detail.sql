SELECT sha256 FROM temp.assess_detail WHERE detail_id = ?;
