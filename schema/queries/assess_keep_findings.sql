-- In the order of the key, which fills the pages.
INSERT INTO finding_row (observation_id, rule_id, severity, detail_id)
SELECT f.observation_id, f.rule_id, f.severity,
  (SELECT d.detail_id FROM finding_detail AS d WHERE d.text = f.detail)
FROM temp.assess_found AS f ORDER BY f.observation_id, f.rule_id;
