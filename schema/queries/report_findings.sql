-- All columns of findings.csv for :scan_id, a row for each finding, worst first. :max_rows -1 means all.
SELECT f.scan_id, f.scanned_utc, f.host, f.port, f.address, f.rule, f.severity, f.title, f.detail, f.remedy, f.source,
  f.grade_cap, f.waived_until_utc, f.waiver_reason, f.first_seen_utc, f.age_days, f.label_set_id
FROM v_finding_history AS f WHERE f.scan_id = :scan_id
ORDER BY f.severity_code DESC, f.rule, f.host, f.port, f.address, f.observation_id
LIMIT :max_rows OFFSET :first_row;
