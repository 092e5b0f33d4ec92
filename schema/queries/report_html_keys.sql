-- Leaf keys that more than one host uses.
SELECT c.spki_sha256, min(c.certificate_id) AS certificate_id, c.key_type, c.key_bits,
  count(DISTINCT t.host) AS hosts_count, count(DISTINCT c.certificate_id) AS certificates_count, count(*) OVER () AS keys_count
FROM observation AS ob JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
  JOIN certificate AS c ON c.certificate_id = ob.leaf_id
WHERE ob.scan_id = :scan_id AND c.spki_sha256 IS NOT NULL
  AND (:split IS NULL OR :split = CASE :group_label
    WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END)
GROUP BY c.spki_sha256 HAVING hosts_count > 1
ORDER BY hosts_count DESC, c.spki_sha256 LIMIT :max_rows
