-- Leaf keys that more than one host uses, the most shared first, each with its first hosts and whose they are: one row
-- a host. Certificates are large, so one pass reads their keys (`met`), and most keys are on one target, so that pass
-- and the first sort look at no name.
WITH met AS MATERIALIZED (
  SELECT c.spki_sha256 AS spki, c.certificate_id, e.target_id
  FROM observation AS ob CROSS JOIN certificate AS c ON c.certificate_id = ob.leaf_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  WHERE ob.scan_id = :scan_id AND c.spki_sha256 IS NOT NULL),
used AS MATERIALIZED (
  SELECT spki, min(certificate_id) AS first_id, max(certificate_id) AS last_id
  FROM met GROUP BY spki HAVING min(target_id) < max(target_id)),
repeated AS MATERIALIZED (SELECT * FROM met WHERE spki IN (SELECT spki FROM used)),
placed AS MATERIALIZED (
  SELECT m.spki, t.host, min(t.port) AS port, t.target_id
  FROM repeated AS m CROSS JOIN target AS t ON t.target_id = m.target_id
  GROUP BY m.spki, t.host),
chosen AS (
  SELECT * FROM placed AS p WHERE :split IS NULL OR :split = (
    SELECT CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce((SELECT g.value
      FROM scan_target AS st JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
      WHERE st.scan_id = :scan_id AND st.target_id = t.target_id), '(none)') END
    FROM target AS t WHERE t.target_id = p.target_id)),
ranked AS MATERIALIZED (
  SELECT spki, count(*) AS hosts_count, row_number() OVER (ORDER BY count(*) DESC, spki) AS rank,
    count(*) OVER () AS keys_count
  FROM chosen GROUP BY spki HAVING count(*) > 1),
top AS MATERIALIZED (
  SELECT r.*, u.first_id, CASE WHEN u.first_id = u.last_id THEN 1
    ELSE (SELECT count(DISTINCT certificate_id) FROM repeated AS m WHERE m.spki = r.spki) END AS certificates_count
  FROM ranked AS r JOIN used AS u USING (spki) WHERE r.rank <= :max_rows),
listed AS (
  SELECT *, row_number() OVER (PARTITION BY spki ORDER BY host) AS place
  FROM chosen WHERE spki IN (SELECT spki FROM top))
SELECT r.spki AS spki_sha256, c.key_type, c.key_bits, r.hosts_count, r.certificates_count, r.keys_count, r.rank,
  l.host, l.port,
  CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce((SELECT g.value
    FROM scan_target AS st JOIN label AS g ON g.label_set_id = st.label_set_id AND g.name = :group_label
    WHERE st.scan_id = :scan_id AND st.target_id = t.target_id), '(none)') END AS grp
FROM listed AS l JOIN top AS r USING (spki) JOIN certificate AS c ON c.certificate_id = r.first_id
  JOIN target AS t USING (target_id)
WHERE l.place <= :max_hosts
ORDER BY r.rank, l.place
