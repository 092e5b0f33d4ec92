-- target-added, target-removed: what the list says. A target that comes with findings is as loud as the worst of them. An
-- unfinished scan knows a part of its list alone.
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, min(e.endpoint_id), 'target-added', 'target', :base_id, NULL, min(u.name),
  coalesce(max((SELECT max(f.severity) FROM finding AS f
    WHERE f.observation_id = o.observation_id AND f.waived_until_s IS NULL)), 0)
FROM scan_target AS st
  CROSS JOIN endpoint AS e ON e.target_id = st.target_id
  CROSS JOIN observation AS o ON o.scan_id = st.scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN outcome AS u ON u.outcome_id = o.outcome_id
WHERE st.scan_id = :scan_id
  AND (SELECT is_done FROM temp.past WHERE ordinal = 1)
  AND NOT EXISTS (SELECT 1 FROM temp.past AS p
    CROSS JOIN scan_target AS b ON b.scan_id = p.scan_id AND b.target_id = st.target_id WHERE p.ordinal >= 1)
GROUP BY st.target_id;

INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, min(e.endpoint_id), 'target-removed', 'target', :base_id, min(u.name), NULL, 1
FROM scan_target AS st
  CROSS JOIN endpoint AS e ON e.target_id = st.target_id
  CROSS JOIN observation AS o ON o.scan_id = st.scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN outcome AS u ON u.outcome_id = o.outcome_id
WHERE st.scan_id = :base_id
  AND (SELECT is_done FROM temp.past WHERE ordinal = 0)
  AND NOT EXISTS (SELECT 1 FROM scan_target AS n WHERE n.scan_id = :scan_id AND n.target_id = st.target_id)
GROUP BY st.target_id;
