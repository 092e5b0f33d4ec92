-- What one feature set holds beside its suites, as people read it: newest version first, then the server's order.
SELECT f.kind, f.version, v.name AS version_name, f.code, coalesce(r.name, printf('0x%04X', f.code)) AS name, f.supported,
  f.rank, f.value, f.text, g.is_post_quantum, g.is_draft, g.is_weak
FROM feature AS f
  LEFT JOIN registry_name AS r ON r.kind = f.kind AND r.code = f.code
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
  LEFT JOIN tls_group AS g ON f.kind = 'group' AND g.code = f.code
WHERE f.feature_set_id = :feature_set_id AND f.kind <> 'cipher'
ORDER BY f.kind, f.version DESC, f.rank IS NULL, f.rank, CASE f.kind WHEN 'version' THEN -f.code ELSE f.code END;
