-- One row of a rule. Several for one observation become one finding: the worst severity, details joined. A detail stops
-- growing at 4,000 characters.
INSERT INTO temp.assess_found (observation_id, rule_id, severity, detail)
VALUES (:observation_id, :rule_id, :severity, substr(:detail, 1, 4000))
ON CONFLICT (observation_id, rule_id) DO UPDATE SET severity = max(severity, excluded.severity),
  detail = CASE WHEN detail IS NULL THEN excluded.detail WHEN excluded.detail IS NULL OR length(detail) >= 4000 THEN detail
    ELSE detail || '; ' || excluded.detail END;
