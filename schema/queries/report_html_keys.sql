-- Leaf keys that more than one host uses. Most keys have one certificate on one endpoint, so the first step counts
-- without names.
WITH used AS MATERIALIZED (
  SELECT c.spki_sha256, min(c.certificate_id) AS certificate_id, c.key_type, c.key_bits,
    count(DISTINCT c.certificate_id) AS certificates_count, count(DISTINCT e.target_id) AS targets_count
  FROM observation AS ob JOIN certificate AS c ON c.certificate_id = ob.leaf_id JOIN endpoint AS e USING (endpoint_id)
  WHERE ob.scan_id = :scan_id AND c.spki_sha256 IS NOT NULL
    AND (:split IS NULL OR :split = (SELECT CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)')
        ELSE coalesce(g.value, '(none)') END
      FROM target AS t LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = t.target_id
        LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
      WHERE t.target_id = e.target_id))
  GROUP BY c.spki_sha256 HAVING targets_count > 1)
SELECT u.spki_sha256, u.certificate_id, u.key_type, u.key_bits, count(DISTINCT t.host) AS hosts_count,
  u.certificates_count, count(*) OVER () AS keys_count
FROM used AS u JOIN certificate AS c ON c.spki_sha256 = u.spki_sha256
  JOIN observation AS ob ON ob.leaf_id = c.certificate_id AND ob.scan_id = :scan_id
  JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)
WHERE :split IS NULL OR :split = (SELECT CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)')
    ELSE coalesce(g.value, '(none)') END
  FROM scan_target AS st LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
  WHERE st.scan_id = :scan_id AND st.target_id = e.target_id)
GROUP BY u.spki_sha256 HAVING hosts_count > 1
ORDER BY hosts_count DESC, u.spki_sha256 LIMIT :max_rows
