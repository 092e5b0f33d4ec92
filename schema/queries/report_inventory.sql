-- All columns of inventory.csv for :scan_id: names in leaf certificates that the scan met, below the registrable domain of
-- a target, and that are no target. Owners are those of the hosts of that domain that sent such a certificate, else of all
-- its targets; :owner_label is the label that names them ('' for none: the registrable domain). A certificate with a
-- thousand names may be on a thousand hosts, so lists have the first twenty alone. Names are a stranger's: what is longer
-- than any host name, or has a NUL, is left out, so that the walk over a name's labels is short. The view v_inventory
-- says the same of the newest scan.
WITH RECURSIVE listed AS MATERIALIZED (
  SELECT t.target_id, t.host, t.sni, t.registrable_domain,
    replace(replace(coalesce((SELECT l.value FROM label AS l
      WHERE l.label_set_id = st.label_set_id AND l.name = :owner_label ORDER BY l.position LIMIT 1), t.registrable_domain), '\u00', '\u005cu00'), ' ', '\u0020') AS owner
  FROM scan_target AS st CROSS JOIN target AS t ON t.target_id = st.target_id
  WHERE st.scan_id = :scan_id),
met AS MATERIALIZED (
  SELECT ob.leaf_id AS certificate_id, e.target_id
  FROM observation AS ob CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  WHERE ob.scan_id = :scan_id AND ob.leaf_id IS NOT NULL
  UNION
  SELECT x.leaf_id, e.target_id
  FROM observation AS ob
    CROSS JOIN other_chain AS x ON x.observation_id = ob.observation_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  WHERE ob.scan_id = :scan_id),
place AS MATERIALIZED (
  SELECT m.certificate_id, l.host, l.registrable_domain, l.owner
  FROM met AS m CROSS JOIN listed AS l ON l.target_id = m.target_id),
leaf AS MATERIALIZED (
  SELECT c.certificate_id, row_number() OVER (ORDER BY c.not_after_s IS NULL, c.not_after_s, c.sha256) AS turn
  FROM (SELECT DISTINCT certificate_id FROM met) AS m CROSS JOIN certificate AS c ON c.certificate_id = m.certificate_id),
named AS MATERIALIZED (
  SELECT lower(n.name) AS name, leaf.certificate_id, leaf.turn
  FROM leaf CROSS JOIN certificate_name AS n ON n.certificate_id = leaf.certificate_id AND n.kind = 'dns'
  WHERE length(CAST(n.name AS BLOB)) <= 253 AND instr(n.name, char(0)) = 0
    AND lower(n.name) NOT IN (SELECT host FROM listed UNION SELECT sni FROM listed)),
held AS MATERIALIZED (
  SELECT name, count(DISTINCT turn) AS certificates, min(turn) AS turn FROM named GROUP BY name),
walk (name, certificates, turn, rest) AS (
  SELECT name, certificates, turn, name FROM held
  UNION ALL
  SELECT name, certificates, turn, substr(rest, instr(rest, '.') + 1) FROM walk
  WHERE instr(rest, '.') > 0 AND rest NOT IN (SELECT registrable_domain FROM listed WHERE registrable_domain IS NOT NULL)),
inventory AS MATERIALIZED (
  SELECT row_number() OVER () AS id, name, certificates, turn, rest AS registrable_domain FROM walk
  WHERE rest IN (SELECT registrable_domain FROM listed WHERE registrable_domain IS NOT NULL)),
carried AS MATERIALIZED (
  SELECT i.id, i.registrable_domain, n.certificate_id
  FROM named AS n CROSS JOIN inventory AS i ON i.name = n.name),
sent_by AS MATERIALIZED (
  SELECT certificate_id, host FROM (
    SELECT certificate_id, host, row_number() OVER (PARTITION BY certificate_id ORDER BY host) AS turn
    FROM (SELECT DISTINCT certificate_id, host FROM place))
  WHERE turn <= 20),
hosts AS MATERIALIZED (
  SELECT id, group_concat(host, ' ') AS hosts FROM (
    SELECT id, host, row_number() OVER (PARTITION BY id ORDER BY host) AS turn FROM (
      SELECT DISTINCT k.id, s.host FROM carried AS k CROSS JOIN sent_by AS s ON s.certificate_id = k.certificate_id)
    ORDER BY id, host)
  WHERE turn <= 20 GROUP BY id),
owned_by AS MATERIALIZED (
  SELECT certificate_id, registrable_domain, owner FROM (
    SELECT certificate_id, registrable_domain, owner,
      row_number() OVER (PARTITION BY certificate_id, registrable_domain ORDER BY owner) AS turn
    FROM (SELECT DISTINCT certificate_id, registrable_domain, owner FROM place WHERE registrable_domain IS NOT NULL))
  WHERE turn <= 20),
owners AS MATERIALIZED (
  SELECT id, group_concat(owner, ' ') AS owners FROM (
    SELECT id, owner, row_number() OVER (PARTITION BY id ORDER BY owner) AS turn FROM (
      SELECT DISTINCT k.id, o.owner FROM carried AS k
        CROSS JOIN owned_by AS o ON o.certificate_id = k.certificate_id AND o.registrable_domain = k.registrable_domain)
    ORDER BY id, owner)
  WHERE turn <= 20 GROUP BY id),
domain_owners AS MATERIALIZED (
  SELECT registrable_domain, group_concat(owner, ' ') AS owners FROM (
    SELECT registrable_domain, owner, row_number() OVER (PARTITION BY registrable_domain ORDER BY owner) AS turn
    FROM (SELECT DISTINCT registrable_domain, owner FROM listed WHERE registrable_domain IS NOT NULL)
    ORDER BY registrable_domain, owner)
  WHERE turn <= 20 GROUP BY registrable_domain),
leaf_seen AS MATERIALIZED (
  SELECT certificate_id, min(started_s) AS started_s FROM (
    SELECT ob.leaf_id AS certificate_id, min(s.started_s) AS started_s
    FROM scan AS s CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id
    WHERE ob.leaf_id IS NOT NULL GROUP BY ob.leaf_id
    UNION ALL
    SELECT x.leaf_id, min(s.started_s)
    FROM other_chain AS x CROSS JOIN observation AS ob ON ob.observation_id = x.observation_id
      CROSS JOIN scan AS s ON s.scan_id = ob.scan_id GROUP BY x.leaf_id)
  GROUP BY certificate_id),
name_seen AS MATERIALIZED (
  SELECT i.id, min(l.started_s) AS started_s
  FROM leaf_seen AS l
    CROSS JOIN certificate_name AS n ON n.certificate_id = l.certificate_id AND n.kind = 'dns'
    CROSS JOIN inventory AS i ON i.name = lower(n.name)
  GROUP BY i.id)
SELECT i.name, i.registrable_domain, i.name >= '*.' AND i.name < '*/' AS is_wildcard,
  coalesce(o.owners, d.owners) AS owners, i.certificates,
  c.issuer_organization, datetime(c.not_after_s, 'unixepoch') AS leaf_expires_utc, s.hosts AS seen_on,
  datetime(f.started_s, 'unixepoch') AS first_seen_utc
FROM inventory AS i
  CROSS JOIN leaf AS l ON l.turn = i.turn
  CROSS JOIN certificate AS c ON c.certificate_id = l.certificate_id
  LEFT JOIN owners AS o ON o.id = i.id
  LEFT JOIN domain_owners AS d ON d.registrable_domain = i.registrable_domain
  LEFT JOIN hosts AS s ON s.id = i.id
  LEFT JOIN name_seen AS f ON f.id = i.id
ORDER BY i.registrable_domain, i.name
LIMIT :max_rows OFFSET :first_row;
