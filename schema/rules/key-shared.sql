-- id: key-shared
-- severity: low
-- title: Private key is shared between hosts
-- why: Whoever steals the key from one of these hosts can pose as all of them. Factory keys of devices and copied
--   virtual machines are the usual cause.
-- remedy: Make a new key on each host and have it certified (certbot makes a new key at every renewal unless
--   --reuse-key is set); keys of devices can be made anew in their settings.
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
  SELECT o.observation_id, leaf.spki_sha256 AS spki, t.host, o.leaf_id, o.name_match
  FROM (SELECT 1 FROM repeated LIMIT 1)
    CROSS JOIN observation AS o
    CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
    CROSS JOIN target AS t ON t.target_id = e.target_id
  WHERE o.scan_id = :scan_id AND leaf.spki_sha256 IN (SELECT spki FROM repeated) AND t.host <> e.address),
ranked AS (
  SELECT observation_id, spki, host, leaf_id, name_match,
    dense_rank() OVER (PARTITION BY spki ORDER BY host) AS host_rank,
    row_number() OVER (PARTITION BY spki, host ORDER BY observation_id) AS nth
  FROM used),
told AS (
  SELECT observation_id, spki, max(host_rank) OVER key AS hosts_count,
    min(leaf_id) OVER key <> max(leaf_id) OVER key OR min(name_match) OVER key = 0 AS is_shared,
    group_concat(iif(host_rank <= 4 AND nth = 1, host, NULL), ', ') OVER key AS hosts
  FROM ranked
  WINDOW key AS (PARTITION BY spki ORDER BY host ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING))
SELECT observation_id,
  printf('key sha256 %s… is on %d hosts: %s%s', lower(substr(hex(spki), 1, 16)), hosts_count, hosts,
    iif(hosts_count > 4, printf(' and %d more', hosts_count - 4), '')) AS detail
FROM told
WHERE hosts_count > 1 AND is_shared
