-- The findings of one rule on one host; where two waivers fit, the one that runs longer stands.
UPDATE finding_row SET waived_until_s = :until_s, waiver_reason = :reason
WHERE rule_id = :rule_id AND coalesce(waived_until_s, 0) < :until_s
  AND observation_id IN (
    SELECT o.observation_id
    FROM target AS t
      CROSS JOIN endpoint AS e ON e.target_id = t.target_id
      CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
    WHERE t.host = :host);
