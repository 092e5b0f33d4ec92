-- id: key-shared
-- severity: low
-- title: Private key is shared between hosts
-- why: Whoever steals the key from one of these hosts can pose as all of them. Factory keys of devices and copied virtual machines are the usual cause.
-- remedy: Make a new key on each host and have it certified (certbot makes a new key at every renewal unless --reuse-key is set); keys of devices can be made anew in their settings.
-- source: tlscensus policy: one key per service
--
-- The same public key in this scan on more than one host name, under different certificates, or under one that is not
-- for these names. One certificate that names every host that serves it (a wildcard, a list of names) is a choice that
-- somebody made when ordering it, and no finding. Targets given by address are left out: they are the same servers again.
WITH repeated AS MATERIALIZED (
  SELECT leaf.spki_sha256 AS spki
  FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  WHERE o.scan_id = :scan_id AND leaf.spki_sha256 IS NOT NULL
  GROUP BY spki HAVING min(o.leaf_id) <> max(o.leaf_id) OR min(o.name_match) = 0 AND count(*) > 1),
used AS MATERIALIZED (
  SELECT o.observation_id, repeated.spki, t.host, o.leaf_id, o.name_match
  FROM observation AS o
    CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
    CROSS JOIN repeated ON repeated.spki = leaf.spki_sha256
    CROSS JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
    CROSS JOIN target AS t ON t.target_id = e.target_id
  WHERE o.scan_id = :scan_id AND t.host <> e.address AND EXISTS (SELECT 1 FROM repeated)),
shared AS MATERIALIZED (
  SELECT spki, count(DISTINCT host) AS hosts_count
  FROM used GROUP BY spki
  HAVING hosts_count > 1 AND (min(leaf_id) <> max(leaf_id) OR min(name_match) = 0)),
listed AS MATERIALIZED (
  SELECT spki, host, row_number() OVER (PARTITION BY spki ORDER BY host) AS rank
  FROM (SELECT DISTINCT used.spki, used.host FROM used JOIN shared USING (spki))),
first AS MATERIALIZED (
  SELECT spki, group_concat(host, ', ') AS hosts
  FROM (SELECT spki, host FROM listed WHERE rank <= 4 ORDER BY spki, rank) GROUP BY spki)
SELECT used.observation_id,
  printf('key sha256 %s… is on %d hosts: %s%s', lower(substr(hex(used.spki), 1, 16)), shared.hosts_count, first.hosts,
    iif(shared.hosts_count > 4, printf(' and %d more', shared.hosts_count - 4), '')) AS detail
FROM used JOIN shared USING (spki) JOIN first USING (spki)
