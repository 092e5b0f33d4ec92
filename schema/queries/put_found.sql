INSERT INTO temp.assess_found (rule_id, observation_id, severity, detail_id) VALUES (?, ?, ?, ?)
ON CONFLICT (rule_id, observation_id) DO NOTHING;
