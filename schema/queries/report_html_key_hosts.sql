-- Hosts that use the key of one certificate, and whose they are.
SELECT t.host, min(t.port) AS port,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END AS grp
FROM certificate AS c JOIN observation AS ob ON ob.leaf_id = c.certificate_id AND ob.scan_id = :scan_id
  JOIN endpoint AS e USING (endpoint_id) JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
WHERE c.spki_sha256 = (SELECT x.spki_sha256 FROM certificate AS x WHERE x.certificate_id = :certificate_id)
  AND (:split IS NULL OR :split = CASE :group_label
    WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(g.value, '(none)') END)
GROUP BY t.host ORDER BY t.host LIMIT :max_rows
