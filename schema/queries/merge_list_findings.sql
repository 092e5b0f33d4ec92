-- The findings of whole scans, a set like an observation's. Parts of a scan are judged anew when they are together.
SELECT r.finding_set_id, u.new_id, r.severity, d.text
FROM shard.finding_set_row AS r
  CROSS JOIN temp.map_rule AS u ON u.old_id = r.rule_id
  LEFT JOIN shard.finding_detail AS d ON d.detail_id = r.detail_id
WHERE r.finding_set_id IN (SELECT o.finding_set_id FROM temp.merge_scan AS s
  CROSS JOIN shard.observation AS o ON o.scan_id = s.old_id WHERE s.is_whole = 1 AND s.joins = 0)
ORDER BY r.finding_set_id, r.rule_id;
