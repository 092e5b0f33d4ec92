SELECT f.severity, f.detail_id, d.text
FROM temp.assess_found AS f LEFT JOIN temp.assess_detail AS d ON d.detail_id = f.detail_id
WHERE f.rule_id = ? AND f.observation_id = ?;
