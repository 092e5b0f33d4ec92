-- Rules that this run lacks stay: findings of earlier scans name them.
INSERT INTO rule (name, severity, title, why, remedy, source, grade_cap, is_trust, first_scan_id)
VALUES (:name, :severity, :title, :why, :remedy, :source, :grade_cap, :is_trust, :scan_id)
ON CONFLICT (name) DO UPDATE SET severity = excluded.severity, title = excluded.title, why = excluded.why,
  remedy = excluded.remedy, source = excluded.source, grade_cap = excluded.grade_cap, is_trust = excluded.is_trust
WHERE (severity, title, why, remedy, source, grade_cap, is_trust) IS NOT
  (excluded.severity, excluded.title, excluded.why, excluded.remedy, excluded.source, excluded.grade_cap, excluded.is_trust);
