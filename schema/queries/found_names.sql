-- --expand-names: names that :scan_id has met so far in certificates of targets in the same registrable domain, and that
-- are no target of it yet; before them what it found before it was interrupted, which is asked for again. num_found and
-- num_all: how many names it has found so far, in this domain and in all. The port is the lowest https one that sent such a
-- certificate, else 443. Names are a stranger's, so only what has a host name's length and characters is given.
WITH listed AS MATERIALIZED (
  SELECT t.target_id, t.host, t.sni, t.protocol, t.port, t.registrable_domain, st.found_in, st.run
  FROM scan_target AS st CROSS JOIN target AS t ON t.target_id = st.target_id
  WHERE st.scan_id = :scan_id),
found AS MATERIALIZED (
  SELECT registrable_domain, count(*) AS num FROM listed WHERE found_in IS NOT NULL GROUP BY registrable_domain),
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
sent AS MATERIALIZED (
  SELECT m.certificate_id, l.registrable_domain, min(l.host) AS host, min(iif(l.protocol = 'https', l.port, NULL)) AS port
  FROM met AS m CROSS JOIN listed AS l ON l.target_id = m.target_id
  WHERE l.registrable_domain IS NOT NULL
  GROUP BY m.certificate_id, l.registrable_domain),
named AS MATERIALIZED (
  SELECT lower(n.name) AS name, s.registrable_domain, s.host, s.port
  FROM sent AS s CROSS JOIN certificate_name AS n ON n.certificate_id = s.certificate_id AND n.kind = 'dns'
  WHERE length(CAST(n.name AS BLOB)) <= 253 AND instr(n.name, char(0)) = 0 AND lower(n.name) NOT GLOB '*[^-a-z0-9._]*'
    AND (lower(n.name) = s.registrable_domain
      OR substr(lower(n.name), -length(s.registrable_domain) - 1) = '.' || s.registrable_domain)
    AND lower(n.name) NOT IN (SELECT host FROM listed UNION SELECT sni FROM listed)),
candidate AS (
  SELECT 1 AS is_again, l.host AS name, l.registrable_domain, l.found_in, l.port
  FROM listed AS l, scan AS s
  WHERE s.scan_id = :scan_id AND l.found_in IS NOT NULL AND l.run < s.runs
  UNION ALL
  SELECT 0, name, registrable_domain, min(host), coalesce(min(port), 443)
  FROM named GROUP BY registrable_domain, name)
SELECT c.name, c.registrable_domain, c.found_in, c.port, c.is_again, coalesce(f.num, 0) AS num_found,
  coalesce((SELECT sum(num) FROM found), 0) AS num_all
FROM candidate AS c LEFT JOIN found AS f ON f.registrable_domain = c.registrable_domain
ORDER BY c.is_again DESC, c.registrable_domain, c.name;
