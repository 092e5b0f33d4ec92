-- Server certificates of the targets of :scan_id that end on the day of its reference time or within :within_s of it, a
-- row for each host: those that are in use, and those that were and are no more.
-- A certificate's life is the list of scans that saw its endpoints: in each it was there (1) or another one was (0). A scan
-- that could not see is no sign: the endpoint that had it gave no certificate, or none of the target's did. `sequence`
-- counts how often that changed, so each change makes the event newer, and the same database gives the same number.
-- Hosts are those where it was last seen. :owner_label and :group_label name labels of the input, '' for
-- none; what has no group is in that of its registrable domain.
WITH this AS MATERIALIZED (SELECT scan_id, started_s, as_of_s FROM scan WHERE scan_id = :scan_id),
ending AS MATERIALIZED (
  SELECT c.certificate_id, c.sha256, c.not_before_s, c.not_after_s, coalesce(c.issuer_cn, c.issuer) AS issuer
  FROM this CROSS JOIN certificate AS c
  WHERE c.not_after_s BETWEEN this.as_of_s - this.as_of_s % 86400 AND this.as_of_s + :within_s),
used AS MATERIALIZED (                  -- by which endpoints, since when
  SELECT n.certificate_id, ob.endpoint_id, e.target_id, min(ob.scan_id) AS first_scan_id
  FROM ending AS n
    CROSS JOIN observation AS ob ON ob.leaf_id = n.certificate_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
    CROSS JOIN scan_target AS st ON st.scan_id = :scan_id AND st.target_id = e.target_id
    CROSS JOIN scan AS s ON s.scan_id = ob.scan_id
  WHERE ob.scan_id <= :scan_id AND (s.state = 'done' OR s.scan_id = :scan_id)
  GROUP BY n.certificate_id, ob.endpoint_id),
owned AS MATERIALIZED (
  SELECT certificate_id, target_id, min(first_scan_id) AS first_scan_id FROM used GROUP BY certificate_id, target_id),
seen AS MATERIALIZED (                  -- what each later scan met where it had been
  SELECT w.certificate_id, ob.scan_id,
    CASE WHEN max(ob.leaf_id = w.certificate_id) = 1 THEN 1
      WHEN max(ob.leaf_id) IS NULL OR max(ob.leaf_id IS NULL AND u.endpoint_id IS NOT NULL) = 1 THEN NULL ELSE 0 END AS is_there
  FROM owned AS w
    CROSS JOIN endpoint AS e ON e.target_id = w.target_id
    CROSS JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id BETWEEN w.first_scan_id AND :scan_id
    CROSS JOIN scan AS s ON s.scan_id = ob.scan_id
    LEFT JOIN used AS u ON u.certificate_id = w.certificate_id AND u.endpoint_id = ob.endpoint_id
  WHERE s.state = 'done' OR s.scan_id = :scan_id
  GROUP BY w.certificate_id, ob.scan_id),
turned AS (
  SELECT certificate_id, scan_id, is_there,
    is_there <> lag(is_there, 1, 1) OVER (PARTITION BY certificate_id ORDER BY scan_id) AS has_turned
  FROM seen WHERE is_there IS NOT NULL),
life AS MATERIALIZED (
  SELECT certificate_id, sum(has_turned) AS sequence, max(CASE WHEN is_there = 1 THEN scan_id END) AS last_scan_id
  FROM turned GROUP BY certificate_id)
SELECT lower(hex(n.sha256)) AS sha256, strftime('%Y%m%d', n.not_after_s, 'unixepoch') AS end_date,
  datetime(n.not_after_s, 'unixepoch') AS expires_utc, n.not_after_s - n.not_before_s AS lifetime_s, n.issuer,
  life.sequence, life.sequence % 2 AS is_replaced, strftime('%Y%m%dT%H%M%SZ', this.started_s, 'unixepoch') AS stamp,
  t.host, t.port,
  (SELECT l.value FROM label AS l WHERE l.label_set_id = st.label_set_id AND l.name = :owner_label
    ORDER BY l.position LIMIT 1) AS owner,
  coalesce((SELECT l.value FROM label AS l WHERE l.label_set_id = st.label_set_id AND l.name = :group_label
    ORDER BY l.position LIMIT 1), t.registrable_domain) AS category
FROM this
  CROSS JOIN life
  CROSS JOIN ending AS n ON n.certificate_id = life.certificate_id
  CROSS JOIN used AS u ON u.certificate_id = life.certificate_id
  CROSS JOIN target AS t ON t.target_id = u.target_id
  CROSS JOIN scan_target AS st ON st.scan_id = :scan_id AND st.target_id = u.target_id
WHERE EXISTS (SELECT 1 FROM observation AS ob
    WHERE ob.scan_id = life.last_scan_id AND ob.endpoint_id = u.endpoint_id AND ob.leaf_id = life.certificate_id)
GROUP BY n.certificate_id, t.host, t.port, st.label_set_id
ORDER BY n.not_after_s, n.sha256, t.host, t.port, st.label_set_id;
