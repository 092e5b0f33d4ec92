-- Leaf keys that more than one host uses, the most shared first, each with its first hosts and whose they are: one row
-- a host. Most keys are on one target, so the first step looks at no name.
WITH used AS MATERIALIZED (
  SELECT c.spki_sha256, min(c.certificate_id) AS certificate_id, c.key_type, c.key_bits,
    count(DISTINCT c.certificate_id) AS certificates_count
  FROM observation AS ob JOIN certificate AS c ON c.certificate_id = ob.leaf_id JOIN endpoint AS e USING (endpoint_id)
  WHERE ob.scan_id = :scan_id AND c.spki_sha256 IS NOT NULL
  GROUP BY c.spki_sha256 HAVING count(DISTINCT e.target_id) > 1),
placed AS MATERIALIZED (
  SELECT c.spki_sha256, t.host, min(t.port) AS port,
    CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce((SELECT g.value
      FROM scan_target AS st JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
      WHERE st.scan_id = ob.scan_id AND st.target_id = e.target_id), '(none)') END AS grp
  FROM observation AS ob JOIN certificate AS c ON c.certificate_id = ob.leaf_id JOIN endpoint AS e USING (endpoint_id)
    JOIN target AS t USING (target_id)
  WHERE ob.scan_id = :scan_id AND c.spki_sha256 IN (SELECT spki_sha256 FROM used)
  GROUP BY c.spki_sha256, t.host),
counted AS (
  SELECT spki_sha256, host, port, grp, count(*) OVER (PARTITION BY spki_sha256) AS hosts_count,
    row_number() OVER (PARTITION BY spki_sha256 ORDER BY host) AS place
  FROM placed WHERE :split IS NULL OR grp = :split),
ranked AS MATERIALIZED (
  SELECT *, dense_rank() OVER (ORDER BY hosts_count DESC, spki_sha256) AS rank FROM counted WHERE hosts_count > 1)
SELECT r.spki_sha256, u.key_type, u.key_bits, r.hosts_count, u.certificates_count,
  (SELECT max(rank) FROM ranked) AS keys_count, r.rank, r.host, r.port, r.grp
FROM ranked AS r JOIN used AS u USING (spki_sha256)
WHERE r.rank <= :max_rows AND r.place <= :max_hosts
ORDER BY r.rank, r.place
