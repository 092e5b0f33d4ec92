-- id: cert-name-mismatch
-- severity: critical
-- verdict: trust
-- title: Certificate is for another name
-- why: The certificate does not list the name that was asked for, so clients refuse it: for them it could be
--   anybody's server.
-- remedy: Issue a certificate whose subject alternative names hold every name that is served here (certbot --expand
--   -d NAME -d OTHER), or make the server choose the right one for this name (server_name or ServerAlias).
-- source: RFC 9525 section 6
--
-- Not where only the common name fits and there is no DNS name at all: that is cert-cn-only.
SELECT o.observation_id,
  printf('asked for %s; leaf %s is for %s%s%s', iif(t.sni = '', t.host, t.sni),
    coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    coalesce((SELECT group_concat(name, ', ') FROM (SELECT n.name FROM certificate_name AS n
      WHERE n.certificate_id = o.leaf_id AND n.kind IN ('dns', 'ip') ORDER BY n.kind, n.name LIMIT 3)), 'no name'),
    coalesce((SELECT printf(' and %d more', count(*) - 3) FROM certificate_name AS n
      WHERE n.certificate_id = o.leaf_id AND n.kind IN ('dns', 'ip') HAVING count(*) > 3), ''),
    iif(o.cn_match = 1, '; its common name fits, but clients look at the alternative names only', '')) AS detail
FROM observation AS o
  JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
WHERE o.scan_id = :scan_id AND o.name_match = 0
  AND NOT (o.cn_match IS 1 AND NOT EXISTS (SELECT 1 FROM certificate_name AS n
    WHERE n.certificate_id = o.leaf_id AND n.kind = 'dns'))
