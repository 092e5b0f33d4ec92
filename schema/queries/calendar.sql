-- Server certificates of the targets of :scan_id that end on the day of its reference time or within :within_s of it, a
-- row for each host: those that are in use, and those that were and are no more.
-- A certificate's life is the list of scans that saw its endpoints: in each it was there (1) or another one was (0). A scan
-- that could not see is no sign: the endpoint that had it gave no certificate, or none of the target's did. `sequence`
-- counts how often that changed, so each change makes the event newer, and the same database gives the same number.
-- Hosts are those where it was last seen. :owner_label and :group_label name labels of the input, '' for
-- none; what has no group is in that of its registrable domain.
WITH this AS MATERIALIZED (SELECT scan_id, started_s, as_of_s FROM scan WHERE scan_id = :scan_id),
past AS MATERIALIZED (                  -- the finished scans until then, in the order of their time
  SELECT s.scan_id, row_number() OVER (ORDER BY s.started_s, s.scan_id) AS place
  FROM this CROSS JOIN scan AS s
  WHERE (s.started_s, s.scan_id) <= (this.started_s, this.scan_id) AND (s.state = 'done' OR s.scan_id = this.scan_id)),
ending AS MATERIALIZED (
  SELECT c.certificate_id, c.sha256, c.not_before_s, c.not_after_s, coalesce(c.issuer_cn, c.issuer) AS issuer
  FROM this CROSS JOIN certificate AS c
  WHERE c.not_after_s BETWEEN this.as_of_s - this.as_of_s % 86400 AND this.as_of_s + :within_s),
used AS MATERIALIZED (                  -- by which endpoints, since when
  SELECT n.certificate_id, ob.endpoint_id, e.target_id, min(p.place) AS first_place
  FROM ending AS n
    CROSS JOIN observation AS ob ON ob.leaf_id = n.certificate_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
    CROSS JOIN scan_target AS st ON st.scan_id = :scan_id AND st.target_id = e.target_id
    CROSS JOIN past AS p ON p.scan_id = ob.scan_id
  GROUP BY n.certificate_id, ob.endpoint_id),
owned AS MATERIALIZED (
  SELECT certificate_id, target_id, min(first_place) AS first_place FROM used GROUP BY certificate_id, target_id),
seen AS MATERIALIZED (                  -- what each later scan met where it had been
  SELECT w.certificate_id, p.place,
    CASE WHEN max(ob.leaf_id = w.certificate_id) = 1 THEN 1
      WHEN max(ob.leaf_id) IS NULL OR max(ob.leaf_id IS NULL AND u.endpoint_id IS NOT NULL) = 1 THEN NULL ELSE 0 END AS is_there
  FROM owned AS w
    CROSS JOIN endpoint AS e ON e.target_id = w.target_id
    CROSS JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id
    CROSS JOIN past AS p ON p.scan_id = ob.scan_id AND p.place >= w.first_place
    LEFT JOIN used AS u ON u.certificate_id = w.certificate_id AND u.endpoint_id = ob.endpoint_id
  GROUP BY w.certificate_id, p.place),
turned AS (
  SELECT certificate_id, place, is_there,
    is_there <> lag(is_there, 1, 1) OVER (PARTITION BY certificate_id ORDER BY place) AS has_turned
  FROM seen WHERE is_there IS NOT NULL),
life AS MATERIALIZED (
  SELECT certificate_id, sum(has_turned) AS sequence, max(CASE WHEN is_there = 1 THEN place END) AS last_place
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
WHERE EXISTS (SELECT 1 FROM past AS p CROSS JOIN observation AS ob ON ob.scan_id = p.scan_id
  WHERE p.place = life.last_place AND ob.endpoint_id = u.endpoint_id AND ob.leaf_id = life.certificate_id)
GROUP BY n.certificate_id, t.host, t.port, st.label_set_id
ORDER BY n.not_after_s, n.sha256, t.host, t.port, st.label_set_id;
