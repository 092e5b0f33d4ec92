-- All columns of certificates.csv for :scan_id: every certificate that the scan met, as a leaf, as sent or on a
-- verified path, in the handshake or when the endpoint was asked differently. :owner_label is the label that names owners ('' for none: the registrable domain). The view
-- v_certificate says the same of the newest scan; here everything is counted in one pass, for large fleets.
WITH other AS MATERIALIZED (
  SELECT x.leaf_id, x.presented_chain_id, x.verified_chain_id, ob.endpoint_id
  FROM observation AS ob CROSS JOIN other_chain AS x ON x.observation_id = ob.observation_id
  WHERE ob.scan_id = :scan_id),
used AS MATERIALIZED (
  SELECT ob.leaf_id AS certificate_id, ob.endpoint_id FROM observation AS ob
  WHERE ob.scan_id = :scan_id AND ob.leaf_id IS NOT NULL
  UNION
  SELECT m.certificate_id, ob.endpoint_id FROM observation AS ob
    JOIN chain_certificate AS m ON m.chain_id = ob.presented_chain_id WHERE ob.scan_id = :scan_id
  UNION
  SELECT m.certificate_id, ob.endpoint_id FROM observation AS ob
    JOIN chain_certificate AS m ON m.chain_id = ob.verified_chain_id WHERE ob.scan_id = :scan_id
  UNION
  SELECT x.leaf_id, x.endpoint_id FROM other AS x
  UNION
  SELECT m.certificate_id, x.endpoint_id FROM other AS x JOIN chain_certificate AS m ON m.chain_id = x.presented_chain_id
  UNION
  SELECT m.certificate_id, x.endpoint_id FROM other AS x JOIN chain_certificate AS m ON m.chain_id = x.verified_chain_id),
place AS MATERIALIZED (
  SELECT u.certificate_id, t.host, coalesce((SELECT l.value FROM label AS l
      WHERE l.label_set_id = st.label_set_id AND l.name = :owner_label ORDER BY l.position LIMIT 1),
    t.registrable_domain) AS owner
  FROM used AS u
    JOIN endpoint AS e ON e.endpoint_id = u.endpoint_id
    JOIN target AS t ON t.target_id = e.target_id
    LEFT JOIN scan_target AS st ON st.scan_id = :scan_id AND st.target_id = e.target_id),
counted AS MATERIALIZED (
  SELECT certificate_id, count(*) AS endpoints FROM used GROUP BY certificate_id),
hosts AS MATERIALIZED (
  SELECT certificate_id, group_concat(host, ' ') AS hosts
  FROM (SELECT DISTINCT certificate_id, host FROM place ORDER BY certificate_id, host) GROUP BY certificate_id),
owners AS MATERIALIZED (
  SELECT certificate_id, group_concat(owner, ' ') AS owners
  FROM (SELECT DISTINCT certificate_id, replace(replace(owner, '\u00', '\u005cu00'), ' ', '\u0020') AS owner
    FROM place WHERE owner IS NOT NULL ORDER BY certificate_id, owner) GROUP BY certificate_id),
chain_seen AS MATERIALIZED (
  SELECT chain_id, min(started_s) AS started_s FROM (
    SELECT ob.presented_chain_id AS chain_id, min(s.started_s) AS started_s
    FROM scan AS s CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id
    WHERE ob.presented_chain_id IS NOT NULL GROUP BY ob.presented_chain_id
    UNION ALL
    SELECT ob.verified_chain_id, min(s.started_s)
    FROM scan AS s CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id
    WHERE ob.verified_chain_id IS NOT NULL GROUP BY ob.verified_chain_id
    UNION ALL
    SELECT c.chain_id, min(s.started_s)
    FROM other_chain AS x CROSS JOIN observation AS ob ON ob.observation_id = x.observation_id
      CROSS JOIN scan AS s ON s.scan_id = ob.scan_id
      CROSS JOIN chain AS c ON c.chain_id IN (x.presented_chain_id, x.verified_chain_id) GROUP BY c.chain_id)
  GROUP BY chain_id),
member_seen AS MATERIALIZED (
  SELECT m.certificate_id, min(cs.started_s) AS started_s
  FROM chain_seen AS cs JOIN chain_certificate AS m USING (chain_id) GROUP BY m.certificate_id),
leaf_seen AS MATERIALIZED (
  SELECT certificate_id, min(started_s) AS started_s FROM (
    SELECT ob.leaf_id AS certificate_id, min(s.started_s) AS started_s
    FROM scan AS s CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id
    WHERE ob.leaf_id IS NOT NULL GROUP BY ob.leaf_id
    UNION ALL
    SELECT x.leaf_id, min(s.started_s)
    FROM other_chain AS x CROSS JOIN observation AS ob ON ob.observation_id = x.observation_id
      CROSS JOIN scan AS s ON s.scan_id = ob.scan_id GROUP BY x.leaf_id)
  GROUP BY certificate_id)
SELECT c.sha256, c.spki_sha256, c.serial_hex AS serial, c.subject, c.subject_cn, c.issuer, c.issuer_cn,
  c.issuer_organization, datetime(c.not_before_s, 'unixepoch') AS issued_utc,
  datetime(c.not_after_s, 'unixepoch') AS expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS days_left,
  round((c.not_after_s - c.not_before_s) / 86400.0, 3) AS lifetime_days,
  c.key_type, c.key_bits, c.signature, c.is_ca, c.is_self_issued, c.names_count,
  CASE WHEN c.names_count = 0 THEN '' ELSE (SELECT group_concat(name, ' ') FROM (
    SELECT replace(replace(n.name, '\u00', '\u005cu00'), ' ', '\u0020') AS name FROM certificate_name AS n
    WHERE n.certificate_id = c.certificate_id ORDER BY n.kind, n.name)) END AS names,
  c.policy, k.endpoints, h.hosts, w.owners,
  datetime(min(coalesce(ls.started_s, ms.started_s), coalesce(ms.started_s, ls.started_s)), 'unixepoch') AS first_seen_utc,
  datetime(s.started_s, 'unixepoch') AS last_seen_utc
FROM counted AS k
  CROSS JOIN scan AS s ON s.scan_id = :scan_id
  CROSS JOIN certificate AS c ON c.certificate_id = k.certificate_id
  LEFT JOIN hosts AS h ON h.certificate_id = k.certificate_id
  LEFT JOIN owners AS w ON w.certificate_id = k.certificate_id
  LEFT JOIN leaf_seen AS ls ON ls.certificate_id = k.certificate_id
  LEFT JOIN member_seen AS ms ON ms.certificate_id = k.certificate_id
ORDER BY c.is_ca, c.not_after_s, c.sha256
LIMIT :max_rows OFFSET :first_row;
