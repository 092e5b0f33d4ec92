-- All columns of changes.csv for :scan_id, the worst first; of less than :min_severity nothing. `change` is the table, or
-- the comparison of two scans that stands before it (tc_store_compare). :max_rows -1 means all.
SELECT ch.scan_id, ch.previous_scan_id, t.host, t.port, iif(ch.kind IN ('target-added', 'target-removed'), '', e.address) AS address,
  ch.kind, ch.field, ch.before, ch.after,
  CASE ch.severity WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' ELSE 'info' END AS severity,
  iif(st.target_id IS NULL, sp.label_set_id, st.label_set_id) AS label_set_id
FROM change AS ch
  CROSS JOIN endpoint AS e ON e.endpoint_id = ch.endpoint_id
  CROSS JOIN target AS t ON t.target_id = e.target_id
  LEFT JOIN scan_target AS st ON st.scan_id = ch.scan_id AND st.target_id = t.target_id
  LEFT JOIN scan_target AS sp ON sp.scan_id = ch.previous_scan_id AND sp.target_id = t.target_id
WHERE ch.scan_id = :scan_id AND ch.severity >= :min_severity
ORDER BY ch.severity DESC, t.host, t.port, t.protocol, e.address, ch.kind, ch.field, ch.endpoint_id
LIMIT :max_rows OFFSET :first_row;
