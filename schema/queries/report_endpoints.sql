-- All columns of endpoints.csv for :scan_id; labels come apart (report_labels.sql, report_endpoint_labels.sql with
-- this row's label_set_id). :max_rows -1 means all. Ordered by target (host, port, protocol, pinned address, SNI) and
-- address, so the same database gives the same bytes; that is the order of the targets' own key, and walking it spares
-- a sort of all rows, which took half of the time at 100,000 endpoints. The view v_endpoint_history says the same of
-- every scan; here findings are gathered in one pass, and what is supported once for each feature set, which halves the
-- time again. A test holds the two equal.
WITH found AS MATERIALIZED (
  SELECT observation_id, max(severity) AS worst, sum(severity = 4) AS critical, sum(severity = 3) AS high,
    sum(severity = 2) AS medium, sum(severity = 1) AS low, sum(severity = 0) AS info, group_concat(name, ' ') AS names
  FROM (SELECT f.observation_id, f.severity, r.name
    FROM observation AS ob CROSS JOIN finding AS f ON f.observation_id = ob.observation_id
      CROSS JOIN rule AS r ON r.rule_id = f.rule_id
    WHERE ob.scan_id = :scan_id AND f.waived_until_s IS NULL
    ORDER BY f.observation_id, f.severity DESC, r.name)
  GROUP BY observation_id),
surveyed AS MATERIALIZED (
  SELECT d.feature_set_id,
    (SELECT group_concat(name, ' ') FROM (
      SELECT coalesce(r.name, printf('0x%04X', q.code)) AS name
      FROM feature AS q LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = q.code
      WHERE q.feature_set_id = d.feature_set_id AND q.kind = 'version' AND q.supported = 1 ORDER BY q.code)) AS versions_supported,
    coalesce((SELECT group_concat(name, ' ') FROM (
      SELECT coalesce(r.name, printf('0x%04X', q.code)) AS name
      FROM feature AS q LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = q.code
      WHERE q.feature_set_id = d.feature_set_id AND q.kind = 'version' AND q.supported IS NULL ORDER BY q.code)), '')
      AS versions_unknown,
    (SELECT group_concat(name, ' ') FROM (SELECT name FROM (
      SELECT coalesce(r.name, printf('0x%04X', q.code)) AS name, q.code, q.rank, max(q.version) AS version
      FROM feature AS q LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = q.code
      WHERE q.feature_set_id = d.feature_set_id AND q.kind = 'cipher' AND q.supported = 1 GROUP BY q.code)
      ORDER BY version DESC, rank IS NULL, rank, code)) AS suites_supported,
    (SELECT group_concat(name, ' ') FROM (SELECT name FROM (
      SELECT coalesce(r.name, printf('0x%04X', q.code)) AS name, q.code, q.rank, max(q.version) AS version
      FROM feature AS q LEFT JOIN registry_name AS r ON r.kind = 'group' AND r.code = q.code
      WHERE q.feature_set_id = d.feature_set_id AND q.kind = 'group' AND q.supported = 1 GROUP BY q.code)
      ORDER BY version DESC, rank IS NULL, rank, code)) AS groups_supported,
    (SELECT q.supported FROM feature AS q WHERE q.feature_set_id = d.feature_set_id AND q.kind = 'trait' AND q.version = 0
      AND q.code = 45) AS survey_complete,
    (SELECT q.supported FROM feature AS q WHERE q.feature_set_id = d.feature_set_id AND q.kind = 'trait' AND q.version = 0
      AND q.code = 46) AS post_quantum
  FROM scan_feature_set AS d WHERE d.scan_id = :scan_id)
SELECT ob.scan_id, datetime(s.started_s, 'unixepoch') AS scanned_utc,
  coalesce(st.input_text, t.input_text, t.host) AS target, t.protocol, t.host, t.host_unicode, t.port, e.address,
  o.name AS outcome, ob.outcome_stage, ob.outcome_detail, ob.attempts,
  ob.grade,
  CASE f.worst WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low'
    WHEN 0 THEN 'info' END AS worst_severity,
  coalesce(f.critical, 0) AS findings_critical, coalesce(f.high, 0) AS findings_high,
  coalesce(f.medium, 0) AS findings_medium, coalesce(f.low, 0) AS findings_low, coalesce(f.info, 0) AS findings_info,
  coalesce(f.names, '') AS findings,
  datetime(c.not_after_s, 'unixepoch') AS leaf_expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS leaf_days_left,
  datetime(ob.chain_not_after_s, 'unixepoch') AS chain_expires_utc,
  (ob.chain_not_after_s - s.as_of_s) / 86400 - ((ob.chain_not_after_s - s.as_of_s) % 86400 < 0) AS chain_days_left,
  CASE WHEN ob.chain_not_after_id = ob.leaf_id THEN coalesce(c.subject_cn, c.subject)
    ELSE (SELECT coalesce(x.subject_cn, x.subject) FROM certificate AS x
      WHERE x.certificate_id = ob.chain_not_after_id) END AS chain_expires_subject,
  ob.presented_depth, ob.verified_depth, ob.chain_status, ob.trusted, ob.trust_detail, ob.name_match,
  c.subject_cn,
  CASE WHEN c.names_count = 0 THEN '' ELSE (SELECT group_concat(name, ' ') FROM (
    SELECT replace(replace(n.name, '\u00', '\u005cu00'), ' ', '\u0020') AS name FROM certificate_name AS n
    WHERE n.certificate_id = ob.leaf_id ORDER BY n.kind, n.name)) END AS names,
  c.names_count, c.issuer_organization, c.issuer_cn,
  CASE WHEN ob.verified_chain_id IS NOT NULL THEN
    (SELECT coalesce(x.subject_cn, x.subject) FROM chain_certificate AS m JOIN certificate AS x USING (certificate_id)
      WHERE m.chain_id = ob.verified_chain_id ORDER BY m.position DESC LIMIT 1)
    WHEN ob.verified_depth = 1 THEN coalesce(c.subject_cn, c.subject) END AS anchor_cn,
  c.key_type, c.key_bits, c.signature, c.serial_hex AS serial, c.sha256 AS leaf_sha256, c.spki_sha256,
  round((c.not_after_s - c.not_before_s) / 86400.0, 3) AS lifetime_days,
  datetime(c.not_before_s, 'unixepoch') AS issued_utc,
  CASE WHEN ob.leaf_id IS NOT NULL THEN EXISTS (SELECT 1 FROM certificate_name AS n
    WHERE n.certificate_id = ob.leaf_id AND n.kind = 'dns' AND n.name >= '*.' AND n.name < '*/') END AS is_wildcard,
  c.sct_count + coalesce(ob.sct_count_tls, 0) AS sct_count, ob.ocsp_stapled,
  CASE WHEN ob.tls_version IS NOT NULL THEN coalesce(v.name, printf('0x%04X', ob.tls_version)) END AS tls_version,
  CASE WHEN ob.cipher IS NOT NULL THEN coalesce(k.name, printf('0x%04X', ob.cipher)) END AS cipher,
  CASE WHEN ob.kx_group IS NOT NULL THEN coalesce(g.name, printf('0x%04X', ob.kx_group)) END AS kx_group,
  CASE WHEN pq.is_post_quantum = 1 THEN 1 ELSE sv.post_quantum END AS post_quantum, k.forward_secrecy, ob.alpn,
  sv.versions_supported, sv.versions_unknown,
  NULL AS hsts_max_age_s, NULL AS redirects_to_https, NULL AS caa, NULL AS dane,
  ob.dns_us / 1000.0 AS dns_ms, ob.connect_us / 1000.0 AS connect_ms, ob.starttls_us / 1000.0 AS starttls_ms,
  ob.server_hello_us / 1000.0 AS server_hello_ms, ob.handshake_us / 1000.0 AS handshake_ms,
  ob.total_us / 1000.0 AS total_ms,
  ob.connections, ob.read_bytes,
  datetime(CASE (SELECT are_in_order FROM scan_order)
    WHEN 1 THEN (SELECT s2.started_s FROM observation AS o2 JOIN scan AS s2 USING (scan_id)
      WHERE o2.endpoint_id = ob.endpoint_id ORDER BY o2.scan_id LIMIT 1)
    ELSE (SELECT min(s2.started_s) FROM observation AS o2 JOIN scan AS s2 USING (scan_id)
      WHERE o2.endpoint_id = ob.endpoint_id) END, 'unixepoch') AS first_seen_utc,
  CASE WHEN s.compared_scan_id IS NULL THEN NULL
    WHEN (SELECT are_in_order FROM scan_order) = 1 THEN (SELECT b.grade
      FROM observation AS b CROSS JOIN scan AS x ON x.scan_id = b.scan_id AND x.state = 'done'
      WHERE b.endpoint_id = ob.endpoint_id AND b.scan_id < ob.scan_id ORDER BY b.scan_id DESC LIMIT 1)
    ELSE (SELECT b.grade FROM observation AS b CROSS JOIN scan AS x ON x.scan_id = b.scan_id AND x.state = 'done'
      WHERE b.endpoint_id = ob.endpoint_id AND (x.started_s, x.scan_id) < (s.started_s, s.scan_id)
      ORDER BY x.started_s DESC, x.scan_id DESC LIMIT 1) END AS previous_grade,
  CASE WHEN s.compared_scan_id IS NOT NULL THEN coalesce((SELECT group_concat(kind, ' ') FROM (
    SELECT DISTINCT ch.kind FROM change AS ch
    WHERE ch.scan_id = ob.scan_id AND ch.endpoint_id = ob.endpoint_id ORDER BY ch.kind)), '') END AS changed,
  ob.config_grade, ob.grade_partial,
  sv.suites_supported, sv.groups_supported, sv.survey_complete, ob.starttls_leftover_bytes,
  st.found_in, coalesce(st.profile, s.profile) AS profile, datetime(ob.observed_s, 'unixepoch') AS observed_utc,
  ob.observation_id, ob.endpoint_id, e.target_id, st.label_set_id, ob.leaf_id, ob.presented_chain_id, ob.verified_chain_id,
  ob.feature_set_id
FROM scan AS s
  CROSS JOIN target AS t INDEXED BY sqlite_autoindex_target_1
  CROSS JOIN endpoint AS e ON e.target_id = t.target_id
  CROSS JOIN observation AS ob ON ob.scan_id = s.scan_id AND ob.endpoint_id = e.endpoint_id
  CROSS JOIN outcome AS o ON o.outcome_id = ob.outcome_id
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN found AS f ON f.observation_id = ob.observation_id
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = ob.tls_version
  LEFT JOIN registry_name AS k ON k.kind = 'cipher' AND k.code = ob.cipher
  LEFT JOIN registry_name AS g ON g.kind = 'group' AND g.code = ob.kx_group
  LEFT JOIN tls_group AS pq ON pq.code = ob.kx_group
  LEFT JOIN surveyed AS sv ON sv.feature_set_id = ob.feature_set_id
WHERE s.scan_id = :scan_id
ORDER BY t.host, t.port, t.protocol, t.pinned_address, t.sni, e.address
LIMIT :max_rows OFFSET :first_row;
