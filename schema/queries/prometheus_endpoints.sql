-- The endpoints of :scan_id in the order of report_endpoints.sql. host, port and address name an endpoint; where two
-- targets have all three in common, what else is in a target's key tells them apart (same_place). NULL is no series: who
-- showed no certificate has no end and no depth, and who did not answer has no phase behind the one that failed.
SELECT t.host, t.port, e.address,
  count(*) OVER (PARTITION BY t.host, t.port, e.address) > 1 AS same_place, t.protocol, t.pinned_address, t.sni,
  st.label_set_id,
  ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL AS endpoint_up,
  CASE WHEN ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL THEN 1 END AS endpoint_info,
  CASE WHEN ob.tls_version IS NOT NULL THEN coalesce(v.name, printf('0x%04X', ob.tls_version)) END AS tls_version,
  CASE WHEN ob.cipher IS NOT NULL THEN coalesce(k.name, printf('0x%04X', ob.cipher)) END AS cipher,
  CASE WHEN ob.kx_group IS NOT NULL THEN coalesce(g.name, printf('0x%04X', ob.kx_group)) END AS kx_group,
  coalesce(c.issuer_cn, c.issuer) AS issuer, ob.grade,
  c.not_after_s AS leaf_not_after_timestamp_seconds,
  CASE WHEN ob.leaf_id IS NOT NULL THEN ob.chain_not_after_s END AS chain_not_after_timestamp_seconds,
  CASE WHEN ob.leaf_id IS NOT NULL THEN ob.presented_depth END AS presented_depth, ob.verified_depth,
  ob.dns_us, ob.connect_us, ob.handshake_us
FROM scan AS s
  CROSS JOIN target AS t INDEXED BY sqlite_autoindex_target_1
  CROSS JOIN endpoint AS e ON e.target_id = t.target_id
  CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id AND ob.endpoint_id = e.endpoint_id
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = ob.tls_version
  LEFT JOIN registry_name AS k ON k.kind = 'cipher' AND k.code = ob.cipher
  LEFT JOIN registry_name AS g ON g.kind = 'group' AND g.code = ob.kx_group
WHERE s.scan_id = :scan_id
ORDER BY t.host, t.port, t.protocol, t.pinned_address, t.sni, e.address;
