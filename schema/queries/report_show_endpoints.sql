-- Everything that `show` says of the endpoints :host and :port of :scan_id, a row for each address. :host is an A-label,
-- its Unicode form or an address; :port 0 means any.
-- A chain from a file (profile inspect) has no port: 0.
SELECT ob.observation_id, t.host, t.host_unicode, CASE s.profile WHEN 'inspect' THEN 0 ELSE t.port END AS port, t.protocol, e.address,
  o.name AS outcome, ob.outcome_stage, ob.outcome_detail, ob.attempts,
  n.names AS cnames, ob.dns_us, ob.connect_us, ob.starttls_us, ob.server_hello_us, ob.handshake_us, ob.total_us, ob.rtt_us,
  CASE WHEN ob.tls_version IS NOT NULL THEN coalesce(v.name, printf('0x%04X', ob.tls_version)) END AS tls_version,
  CASE WHEN ob.cipher IS NOT NULL THEN coalesce(k.name, printf('0x%04X', ob.cipher)) END AS cipher,
  k.forward_secrecy,
  CASE WHEN ob.kx_group IS NOT NULL THEN coalesce(g.name, printf('0x%04X', ob.kx_group)) END AS kx_group,
  CASE WHEN ob.signature_scheme IS NOT NULL
    THEN coalesce(x.name, printf('0x%04X', ob.signature_scheme)) END AS signature_scheme,
  ob.alpn, ob.ocsp_stapled, ob.client_certificate_requested, ob.hello_retry, ob.sct_count_tls, c.sct_count,
  ob.leaf_id, ob.presented_chain_id, ob.verified_chain_id, ob.presented_depth, ob.verified_depth,
  ob.chain_status, ob.trusted, ob.trust_detail, ob.trust_text, ob.trusted_but_for_date, ob.name_match, ob.cn_match,
  ob.grade, ob.config_grade, ob.grade_partial, ob.feature_set_id,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS leaf_days_left,
  c.not_after_s - c.not_before_s AS life_s, c.not_after_s - s.as_of_s AS left_s,
  datetime(s.as_of_s, 'unixepoch') AS as_of_utc,
  (SELECT group_concat(pair, ', ') FROM (SELECT l.name || ': ' || l.value AS pair
    FROM scan_target AS st JOIN label AS l USING (label_set_id)
    WHERE st.scan_id = s.scan_id AND st.target_id = t.target_id ORDER BY l.position, l.name)) AS labels
FROM target AS t
  JOIN endpoint AS e ON e.target_id = t.target_id
  JOIN observation AS ob ON ob.scan_id = :scan_id AND ob.endpoint_id = e.endpoint_id
  JOIN scan AS s ON s.scan_id = ob.scan_id
  JOIN outcome AS o ON o.outcome_id = ob.outcome_id
  LEFT JOIN cname_chain AS n ON n.cname_chain_id = ob.cname_chain_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = ob.tls_version
  LEFT JOIN registry_name AS k ON k.kind = 'cipher' AND k.code = ob.cipher
  LEFT JOIN registry_name AS g ON g.kind = 'group' AND g.code = ob.kx_group
  LEFT JOIN registry_name AS x ON x.kind = 'signature' AND x.code = ob.signature_scheme
WHERE (t.host IN (:host, lower(:host)) OR t.host_unicode = :host) AND (:port = 0 OR t.port = :port)
ORDER BY t.host, t.port, t.protocol, t.pinned_address, t.sni, e.address;
