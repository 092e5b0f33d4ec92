-- The findings of one rule on one host; where two waivers fit, the one that runs longer stands.
INSERT INTO finding_waiver (observation_id, rule_id, until_s, reason)
SELECT o.observation_id, r.rule_id, :until_s, :reason
FROM target AS t
  CROSS JOIN endpoint AS e ON e.target_id = t.target_id
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN temp.assess_bundle AS b ON b.observation_id = o.observation_id
  CROSS JOIN finding_set_row AS r ON r.finding_set_id = b.finding_set_id AND r.rule_id = :rule_id
WHERE t.host = :host
ON CONFLICT (observation_id, rule_id) DO UPDATE SET until_s = excluded.until_s, reason = excluded.reason
WHERE until_s < excluded.until_s;
