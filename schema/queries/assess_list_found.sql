-- What belongs to one observation together.
SELECT observation_id, rule_id, severity, detail_id FROM temp.assess_found ORDER BY observation_id, rule_id;
