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
WITH used AS MATERIALIZED (
  SELECT o.observation_id, leaf.spki_sha256 AS spki, t.host, o.leaf_id, o.name_match
  FROM observation AS o
    JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
    JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
    JOIN target AS t ON t.target_id = e.target_id
  WHERE o.scan_id = :scan_id AND leaf.spki_sha256 IS NOT NULL AND t.host <> e.address),
shared AS MATERIALIZED (
  SELECT spki, count(DISTINCT host) AS hosts_count
  FROM used GROUP BY spki
  HAVING hosts_count > 1 AND (min(leaf_id) <> max(leaf_id) OR min(name_match) = 0)),
listed AS MATERIALIZED (
  SELECT spki, host, row_number() OVER (PARTITION BY spki ORDER BY host) AS rank
  FROM (SELECT DISTINCT used.spki, used.host FROM used JOIN shared USING (spki)))
SELECT used.observation_id,
  printf('key sha256 %s… is on %d hosts: %s%s', lower(substr(hex(used.spki), 1, 16)), shared.hosts_count,
    (SELECT group_concat(host, ', ') FROM (SELECT listed.host FROM listed WHERE listed.spki = used.spki AND listed.rank <= 4 ORDER BY listed.rank)),
    iif(shared.hosts_count > 4, printf(' and %d more', shared.hosts_count - 4), '')) AS detail
FROM used JOIN shared USING (spki)
