-- What one feature set holds, in the order of its key.
SELECT f.kind, v.name AS version, coalesce(r.name, printf('0x%04X', f.code)) AS name, f.code, f.supported, f.rank, f.value,
  f.text
FROM feature AS f
  LEFT JOIN registry_name AS r ON r.kind = f.kind AND r.code = f.code
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
WHERE f.feature_set_id = :feature_set_id ORDER BY f.kind, f.version, f.code;
