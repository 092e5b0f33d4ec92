INSERT INTO finding_set_row (finding_set_id, rule_id, severity, detail_id)
VALUES (?1, ?2, ?3, (SELECT d.detail_id FROM finding_detail AS d
  WHERE d.text = (SELECT a.text FROM temp.assess_detail AS a WHERE a.detail_id = ?4)));
