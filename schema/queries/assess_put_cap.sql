INSERT INTO temp.assess_cap (rule_id, severity, rank) VALUES (:rule_id, :severity, :rank);
