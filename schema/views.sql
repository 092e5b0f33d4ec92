-- Views for people, and for the exporters: columns as in the CSV files, ids last. They are made anew with
-- every migration. NULL is "not measured" or "does not apply". Lists are separated by one space; a space inside
-- a value is shown as \u0020 (and \u00 as \u005cu00, so that nothing is lost). Booleans are 1 and 0. Days round down before and after expiry.

DROP VIEW IF EXISTS finding;
DROP VIEW IF EXISTS scan_feature_set;
DROP VIEW IF EXISTS scan_profile;
DROP VIEW IF EXISTS accepted_suite;
DROP VIEW IF EXISTS renewal;
DROP VIEW IF EXISTS renewal_habit;
DROP VIEW IF EXISTS v_renewal;
DROP VIEW IF EXISTS v_newest_scan;
DROP VIEW IF EXISTS v_endpoint;
DROP VIEW IF EXISTS v_endpoint_history;
DROP VIEW IF EXISTS v_expiring;
DROP VIEW IF EXISTS v_finding;
DROP VIEW IF EXISTS v_finding_history;
DROP VIEW IF EXISTS v_change;
DROP VIEW IF EXISTS v_change_history;
DROP VIEW IF EXISTS v_certificate;
DROP VIEW IF EXISTS v_certificate_use;
DROP VIEW IF EXISTS v_shared_key;
DROP VIEW IF EXISTS v_issuer;
DROP VIEW IF EXISTS v_chain;
DROP VIEW IF EXISTS v_unreachable;
DROP VIEW IF EXISTS v_feature;
DROP VIEW IF EXISTS v_inventory;
DROP VIEW IF EXISTS scan_order;

-- What the rules found at each observation, with what they saw in words.
CREATE VIEW finding AS
SELECT o.observation_id, r.rule_id, r.severity,
  (SELECT d.text FROM finding_detail AS d WHERE d.detail_id = r.detail_id) AS detail, w.until_s AS waived_until_s,
  w.reason AS waiver_reason
FROM observation AS o
  JOIN finding_set_row AS r ON r.finding_set_id = o.finding_set_id
  LEFT JOIN finding_waiver AS w ON w.observation_id = o.observation_id AND w.rule_id = r.rule_id;

-- The feature sets that a scan met, each once. Like servers share a set, so whoever asks what is supported asks it of
-- a set first, and then which observations have it.
CREATE VIEW scan_feature_set AS
SELECT DISTINCT scan_id, feature_set_id FROM observation WHERE feature_set_id IS NOT NULL;

-- How many targets of a scan were examined by which profile: its own, and those that groups of targets have.
CREATE VIEW scan_profile AS
SELECT scan_id, profile, targets_count FROM (
  SELECT s.scan_id, s.profile, (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id)
    - (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id AND st.profile IS NOT NULL) AS targets_count
  FROM scan AS s)
WHERE targets_count > 0
UNION ALL
SELECT scan_id, profile, count(*) FROM scan_target WHERE profile IS NOT NULL GROUP BY scan_id, profile;

-- The suites that a server accepts, one row for each protocol version, with what is known of them.
CREATE VIEW accepted_suite AS
SELECT f.feature_set_id, f.version, coalesce(v.name, printf('0x%04X', f.version)) AS version_name, f.code,
  coalesce(r.name, printf('0x%04X', f.code)) AS name, f.rank, s.kx, s.auth, s.cipher, s.mode, s.bits, s.block_bits, s.hash,
  s.forward_secrecy, s.is_aead, s.is_export, s.quality
FROM feature AS f
  LEFT JOIN suite AS s ON s.code = f.code
  LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = f.code
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
WHERE f.kind = 'cipher' AND f.supported = 1;

-- Each renewal that scans have met: a leaf was seen no more, and the next that came was issued later. share_left is how
-- much of the old one's lifetime was left in the first scan that met the new one. Who got another certificate in the
-- first tenth of a lifetime replaced it. Machines that take turns behind one address renew each its own, and leaves that
-- are still seen have no successor.
CREATE VIEW renewal AS
WITH followed AS MATERIALIZED (
  SELECT l.endpoint_id, l.leaf_id,
    (SELECT min(later.first_seen_s) FROM endpoint_leaf AS later
      WHERE later.endpoint_id = l.endpoint_id AND later.first_seen_s > l.last_seen_s) AS next_s
  FROM endpoint_leaf AS l
  WHERE l.endpoint_id IN (SELECT endpoint_id FROM endpoint_leaf GROUP BY endpoint_id HAVING count(*) > 1))
SELECT old.endpoint_id, old.leaf_id AS previous_leaf_id, new.leaf_id, new.first_seen_s AS renewed_s,
  1.0 * (c.not_after_s + 1 - new.first_seen_s) / (c.not_after_s + 1 - c.not_before_s) AS share_left
FROM followed AS old
  JOIN certificate AS c ON c.certificate_id = old.leaf_id
  JOIN endpoint_leaf AS new ON new.endpoint_id = old.endpoint_id AND new.first_seen_s = old.next_s
  JOIN certificate AS n ON n.certificate_id = new.leaf_id
WHERE c.not_after_s > c.not_before_s AND n.not_before_s > c.not_before_s
  AND 10 * (c.not_after_s + 1 - new.first_seen_s) <= 9 * (c.not_after_s + 1 - c.not_before_s);

-- An endpoint's habit: its last three renewals, oldest first, in percent of the lifetime.
CREATE VIEW renewal_habit AS
SELECT endpoint_id, count(*) AS renewals, min(share_left) AS least_left,
  group_concat(CAST(round(100 * share_left) AS INTEGER), ', ') AS shares_left
FROM (
  SELECT endpoint_id, share_left, renewed_s,
    row_number() OVER (PARTITION BY endpoint_id ORDER BY renewed_s DESC, leaf_id DESC) AS number
  FROM renewal ORDER BY endpoint_id, renewed_s)
WHERE number <= 3 GROUP BY endpoint_id;

-- The scan that `report` takes by default: the newest that is done, else the newest interrupted one.
CREATE VIEW v_newest_scan AS
SELECT scan_id, started_s, as_of_s FROM scan WHERE state <> 'running'
ORDER BY state = 'done' DESC, started_s DESC, scan_id DESC LIMIT 1;

-- Whether scans are numbered in the order of their time (1), which finds an endpoint's first and last by an index. They are
-- not (0) where an older history was merged in behind a newer one, or a clock was set back.
CREATE VIEW scan_order AS
SELECT NOT EXISTS (SELECT 1 FROM (SELECT started_s < lag(started_s, 1, 0) OVER (ORDER BY scan_id) AS is_early FROM scan)
  WHERE is_early = 1) AS are_in_order;

-- All endpoints of all scans. Filter by scan_id: that is an index. What is one row elsewhere is joined, which costs
-- half of what a subquery does; lists come in the order of their table's key.
CREATE VIEW v_endpoint_history AS
SELECT
  datetime(s.started_s, 'unixepoch') AS scanned_utc,
  coalesce(st.input_text, t.input_text, t.host) AS target, t.protocol, t.host, t.host_unicode, t.port, e.address,
  (SELECT group_concat(l.name || '=' || l.value, '; ') FROM label AS l
    WHERE l.label_set_id = st.label_set_id) AS labels,
  o.name AS outcome, ob.outcome_stage, ob.outcome_detail, ob.attempts,
  ob.grade,
  (SELECT CASE max(f.severity) WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low'
    WHEN 0 THEN 'info' END FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.waived_until_s IS NULL) AS worst_severity,
  (SELECT count(*) FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.severity = 4 AND f.waived_until_s IS NULL) AS findings_critical,
  (SELECT count(*) FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.severity = 3 AND f.waived_until_s IS NULL) AS findings_high,
  (SELECT count(*) FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.severity = 2 AND f.waived_until_s IS NULL) AS findings_medium,
  (SELECT count(*) FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.severity = 1 AND f.waived_until_s IS NULL) AS findings_low,
  (SELECT count(*) FROM finding AS f
    WHERE f.observation_id = ob.observation_id AND f.severity = 0 AND f.waived_until_s IS NULL) AS findings_info,
  coalesce((SELECT group_concat(name, ' ') FROM (SELECT r.name FROM finding AS f JOIN rule AS r USING (rule_id)
    WHERE f.observation_id = ob.observation_id AND f.waived_until_s IS NULL ORDER BY f.severity DESC, r.name)), '') AS findings,
  datetime(c.not_after_s, 'unixepoch') AS leaf_expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS leaf_days_left,
  datetime(ob.chain_not_after_s, 'unixepoch') AS chain_expires_utc,
  (ob.chain_not_after_s - s.as_of_s) / 86400 - ((ob.chain_not_after_s - s.as_of_s) % 86400 < 0) AS chain_days_left,
  coalesce(x.subject_cn, x.subject) AS chain_expires_subject,
  ob.presented_depth, ob.verified_depth, ob.chain_status, ob.trusted, ob.trust_detail, ob.name_match,
  c.subject_cn,
  CASE WHEN c.names_count = 0 THEN '' ELSE (
    SELECT group_concat(replace(replace(n.name, '\u00', '\u005cu00'), ' ', '\u0020'), ' ') FROM certificate_name AS n
    WHERE n.certificate_id = ob.leaf_id) END AS names,
  c.names_count, c.issuer_organization, c.issuer_cn,
  CASE WHEN ob.verified_depth = 1 THEN coalesce(c.subject_cn, c.subject)
    WHEN ob.verified_depth > 1 THEN coalesce(a.subject_cn, a.subject) END AS anchor_cn,
  c.key_type, c.key_bits, c.signature, c.serial_hex AS serial,
  CASE WHEN c.sha256 IS NOT NULL THEN 'sha256:' || lower(hex(c.sha256)) END AS leaf_sha256,
  CASE WHEN c.spki_sha256 IS NOT NULL THEN 'sha256:' || lower(hex(c.spki_sha256)) END AS spki_sha256,
  round((c.not_after_s - c.not_before_s) / 86400.0, 3) AS lifetime_days,
  datetime(c.not_before_s, 'unixepoch') AS issued_utc,
  CASE WHEN ob.leaf_id IS NOT NULL THEN EXISTS (SELECT 1 FROM certificate_name AS n
    WHERE n.certificate_id = ob.leaf_id AND n.kind = 'dns' AND n.name >= '*.' AND n.name < '*/') END AS is_wildcard,
  c.sct_count + coalesce(ob.sct_count_tls, 0) AS sct_count, ob.ocsp_stapled,
  CASE WHEN ob.tls_version IS NOT NULL THEN coalesce(v.name, printf('0x%04X', ob.tls_version)) END AS tls_version,
  CASE WHEN ob.cipher IS NOT NULL THEN coalesce(k.name, printf('0x%04X', ob.cipher)) END AS cipher,
  CASE WHEN ob.kx_group IS NOT NULL THEN coalesce(g.name, printf('0x%04X', ob.kx_group)) END AS kx_group,
  CASE WHEN pq.is_post_quantum = 1 THEN 1 ELSE (SELECT f.supported FROM feature AS f
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'trait' AND f.version = 0 AND f.code = 46) END AS post_quantum,
  k.forward_secrecy AS forward_secrecy,
  ob.alpn,
  (SELECT group_concat(name, ' ') FROM (
    SELECT coalesce(r.name, printf('0x%04X', f.code)) AS name
    FROM feature AS f LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = f.code
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'version' AND f.supported = 1 ORDER BY f.code)) AS versions_supported,
  CASE WHEN ob.feature_set_id IS NOT NULL THEN coalesce((SELECT group_concat(name, ' ') FROM (
    SELECT coalesce(r.name, printf('0x%04X', f.code)) AS name
    FROM feature AS f LEFT JOIN registry_name AS r ON r.kind = 'version' AND r.code = f.code
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'version' AND f.supported IS NULL ORDER BY f.code)), '') END
    AS versions_unknown,
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
  (SELECT group_concat(name, ' ') FROM (SELECT name FROM (
    SELECT coalesce(r.name, printf('0x%04X', f.code)) AS name, f.code, f.rank, max(f.version) AS version
    FROM feature AS f LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = f.code
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'cipher' AND f.supported = 1 GROUP BY f.code)
    ORDER BY version DESC, rank IS NULL, rank, code)) AS suites_supported,
  (SELECT group_concat(name, ' ') FROM (SELECT name FROM (
    SELECT coalesce(r.name, printf('0x%04X', f.code)) AS name, f.code, f.rank, max(f.version) AS version
    FROM feature AS f LEFT JOIN registry_name AS r ON r.kind = 'group' AND r.code = f.code
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'group' AND f.supported = 1 GROUP BY f.code)
    ORDER BY version DESC, rank IS NULL, rank, code)) AS groups_supported,
  (SELECT f.supported FROM feature AS f
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'trait' AND f.version = 0 AND f.code = 45) AS survey_complete,
  ob.starttls_leftover_bytes, st.found_in,
  coalesce(st.profile, s.profile) AS profile, datetime(ob.observed_s, 'unixepoch') AS observed_utc,
  ob.scan_id, ob.observation_id, ob.endpoint_id, e.target_id, st.label_set_id, ob.leaf_id, ob.presented_chain_id,
  ob.verified_chain_id
FROM observation AS ob
  JOIN scan AS s ON s.scan_id = ob.scan_id
  JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
  JOIN outcome AS o ON o.outcome_id = ob.outcome_id
  LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN certificate AS x ON x.certificate_id = ob.chain_not_after_id
  LEFT JOIN chain_certificate AS m ON m.chain_id = ob.verified_chain_id AND m.position = ob.verified_depth - 1
  LEFT JOIN certificate AS a ON a.certificate_id = m.certificate_id
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = ob.tls_version
  LEFT JOIN registry_name AS k ON k.kind = 'cipher' AND k.code = ob.cipher
  LEFT JOIN registry_name AS g ON g.kind = 'group' AND g.code = ob.kx_group
  LEFT JOIN tls_group AS pq ON pq.code = ob.kx_group;

-- One row per endpoint of the newest scan.
CREATE VIEW v_endpoint AS
SELECT * FROM v_endpoint_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan);

-- What expires, soonest first.
CREATE VIEW v_expiring AS
SELECT leaf_days_left, leaf_expires_utc, chain_days_left, chain_expires_utc, chain_expires_subject,
  host, port, address, labels, issuer_organization, issuer_cn, subject_cn, grade, scan_id, observation_id
FROM v_endpoint WHERE leaf_days_left IS NOT NULL
ORDER BY leaf_days_left, leaf_expires_utc, host, port, address;

-- How the endpoints of the newest scan renew, as far as scans have met it: the share of the lifetime that was left at each
-- of the last three renewals, in percent, and when the next should have come by that habit.
CREATE VIEW v_renewal AS
SELECT v.host, v.port, v.address, v.labels, v.issuer_organization, v.lifetime_days,
  round(100.0 * (c.not_after_s + 1 - s.as_of_s) / (c.not_after_s + 1 - c.not_before_s), 1) AS percent_left,
  h.renewals, h.shares_left AS percent_left_at_renewals,
  CASE WHEN h.least_left > 0
    THEN datetime(c.not_after_s + 1 - CAST(h.least_left * (c.not_after_s + 1 - c.not_before_s) AS INTEGER), 'unixepoch') END
    AS expected_utc,
  v.leaf_expires_utc, v.scan_id, v.observation_id
FROM v_endpoint AS v
  JOIN renewal_habit AS h ON h.endpoint_id = v.endpoint_id
  JOIN certificate AS c ON c.certificate_id = v.leaf_id
  JOIN scan AS s ON s.scan_id = v.scan_id
WHERE c.not_after_s > c.not_before_s
ORDER BY expected_utc IS NULL, expected_utc, v.host, v.port, v.address;

-- What the endpoints of the newest scan support, one row for each question that the survey asked. In each kind, what
-- no row names is not supported where the trait <kind>_complete says yes.
CREATE VIEW v_feature AS
SELECT t.host, t.port, e.address, f.kind, v.name AS version,
  coalesce(r.name, printf('0x%04X', f.code)) AS name,
  CASE f.supported WHEN 1 THEN 'yes' WHEN 0 THEN 'no' ELSE 'not measured' END AS supported,
  f.rank, f.value, f.text, s.quality,
  f.code, ob.scan_id, ob.observation_id, f.feature_set_id
FROM observation AS ob
  JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
  JOIN feature AS f ON f.feature_set_id = ob.feature_set_id
  LEFT JOIN registry_name AS r ON r.kind = f.kind AND r.code = f.code
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
  LEFT JOIN suite AS s ON f.kind = 'cipher' AND s.code = f.code
WHERE ob.scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY t.host, t.port, e.address, ob.observation_id, instr('version cipher group signature alpn trait dh', f.kind),
  f.version DESC, f.rank IS NULL, f.rank, f.code;

-- What could not be reached, at which stage, and when it last answered.
CREATE VIEW v_unreachable AS
SELECT h.host, h.port, h.address, h.protocol, h.labels, h.outcome, h.outcome_stage, h.outcome_detail, h.attempts,
  (SELECT datetime(max(s.started_s), 'unixepoch') FROM observation AS ob JOIN scan AS s USING (scan_id)
    WHERE ob.endpoint_id = h.endpoint_id AND ob.outcome_id IN (0, 18)) AS last_answered_utc,
  h.scan_id, h.observation_id
FROM v_endpoint AS h WHERE h.outcome NOT IN ('ok', 'client-certificate-required')
ORDER BY h.host, h.port, h.address;

-- One row per finding, of all scans. first_seen_utc: the first scan in which this endpoint had it.
CREATE VIEW v_finding_history AS
SELECT x.scan_id, x.scanned_utc, x.host, x.port, x.address, x.labels, x.rule,
  CASE x.severity_code WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' ELSE 'info' END AS severity,
  x.title, x.detail, x.remedy, x.source, x.grade_cap,
  datetime(x.waived_until_s, 'unixepoch') AS waived_until_utc, x.waiver_reason,
  datetime(x.first_seen_s, 'unixepoch') AS first_seen_utc, (x.started_s - x.first_seen_s) / 86400 AS age_days,
  x.severity_code, x.observation_id, x.rule_id, x.label_set_id
FROM (
  SELECT ob.scan_id, datetime(s.started_s, 'unixepoch') AS scanned_utc, s.started_s, t.host, t.port, e.address,
    (SELECT group_concat(l.name || '=' || l.value, '; ') FROM label AS l
      WHERE l.label_set_id = st.label_set_id) AS labels,
    r.name AS rule, r.title, r.remedy, r.source, r.grade_cap,
    f.severity AS severity_code, f.detail, f.waived_until_s, f.waiver_reason, f.observation_id, f.rule_id, st.label_set_id,
    (SELECT min(s2.started_s) FROM observation AS o2 JOIN scan AS s2 USING (scan_id)
      JOIN finding AS f2 ON f2.observation_id = o2.observation_id AND f2.rule_id = f.rule_id
      WHERE o2.endpoint_id = ob.endpoint_id) AS first_seen_s
  FROM observation AS ob
    JOIN finding AS f ON f.observation_id = ob.observation_id
    JOIN scan AS s ON s.scan_id = ob.scan_id
    JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
    JOIN target AS t ON t.target_id = e.target_id
    JOIN rule AS r ON r.rule_id = f.rule_id
    LEFT JOIN scan_target AS st ON st.scan_id = ob.scan_id AND st.target_id = e.target_id) AS x;

-- Findings of the newest scan, worst first.
CREATE VIEW v_finding AS
SELECT * FROM v_finding_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY severity_code DESC, rule, host, port, address;

-- One row per change, of all scans. A target that came or went has no address; what it was labelled, the list that had it
-- says.
CREATE VIEW v_change_history AS
SELECT ch.scan_id, ch.previous_scan_id, t.host, t.port,
  iif(ch.kind IN ('target-added', 'target-removed'), '', e.address) AS address,
  (SELECT group_concat(l.name || '=' || l.value, '; ') FROM label AS l
    WHERE l.label_set_id = iif(st.target_id IS NULL, sp.label_set_id, st.label_set_id)) AS labels,
  ch.kind, ch.field, ch.before, ch.after,
  CASE ch.severity WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' ELSE 'info' END AS severity,
  ch.severity AS severity_code, ch.endpoint_id, iif(st.target_id IS NULL, sp.label_set_id, st.label_set_id) AS label_set_id
FROM change AS ch
  JOIN endpoint AS e USING (endpoint_id)
  JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ch.scan_id AND st.target_id = t.target_id
  LEFT JOIN scan_target AS sp ON sp.scan_id = ch.previous_scan_id AND sp.target_id = t.target_id;

-- What changed up to the newest scan since the finished one before it.
CREATE VIEW v_change AS
SELECT * FROM v_change_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY severity_code DESC, host, port, address, kind, field;

-- Which observation met which certificate: its leaf, what came with it, and its verified path; and the same of the
-- chains that the endpoint sent when it was asked differently.
CREATE VIEW v_certificate_use AS
SELECT ob.leaf_id AS certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob WHERE ob.leaf_id IS NOT NULL
UNION
SELECT m.certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN chain_certificate AS m ON m.chain_id = ob.presented_chain_id
UNION
SELECT m.certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN chain_certificate AS m ON m.chain_id = ob.verified_chain_id
UNION
SELECT x.leaf_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN other_chain AS x ON x.observation_id = ob.observation_id
UNION
SELECT m.certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN other_chain AS x ON x.observation_id = ob.observation_id
  JOIN chain_certificate AS m ON m.chain_id = x.presented_chain_id
UNION
SELECT m.certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN other_chain AS x ON x.observation_id = ob.observation_id
  JOIN chain_certificate AS m ON m.chain_id = x.verified_chain_id;

-- Every certificate that the newest scan met. Owners: label `owner`, else `department`, else
-- `organization`, else `organization_name`, else the registrable domain.
CREATE VIEW v_certificate AS
WITH met AS (
  SELECT u.certificate_id, u.observation_id, t.host,
    coalesce((SELECT l.value FROM label AS l WHERE l.label_set_id = st.label_set_id
      AND lower(replace(l.name, ' ', '_')) IN ('owner', 'department', 'organization', 'organization_name')
      ORDER BY instr('owner department organization organization_name', lower(replace(l.name, ' ', '_'))), l.position
      LIMIT 1), t.registrable_domain) AS owner
  FROM v_certificate_use AS u
    JOIN endpoint AS e ON e.endpoint_id = u.endpoint_id
    JOIN target AS t ON t.target_id = e.target_id
    LEFT JOIN scan_target AS st ON st.scan_id = u.scan_id AND st.target_id = e.target_id
  WHERE u.scan_id = (SELECT scan_id FROM v_newest_scan)),
counted AS (
  SELECT certificate_id, count(*) AS endpoints FROM met GROUP BY certificate_id),
hosted AS (
  SELECT certificate_id, group_concat(host, ' ') AS hosts
  FROM (SELECT DISTINCT certificate_id, host FROM met ORDER BY certificate_id, host) GROUP BY certificate_id),
owned AS (
  SELECT certificate_id, group_concat(replace(owner, ' ', '\u0020'), ' ') AS owners
  FROM (SELECT DISTINCT certificate_id, owner FROM met WHERE owner IS NOT NULL ORDER BY certificate_id, owner)
  GROUP BY certificate_id),
seen AS (
  SELECT certificate_id, min(started_s) AS first_seen_s FROM (
    SELECT ob.leaf_id AS certificate_id, min(s.started_s) AS started_s
    FROM observation AS ob JOIN scan AS s USING (scan_id) WHERE ob.leaf_id IS NOT NULL GROUP BY ob.leaf_id
    UNION ALL
    SELECT x.leaf_id, min(s.started_s)
    FROM other_chain AS x JOIN observation AS ob USING (observation_id) JOIN scan AS s USING (scan_id) GROUP BY x.leaf_id
    UNION ALL
    SELECT m.certificate_id, y.started_s FROM chain_certificate AS m JOIN (
      SELECT ob.presented_chain_id AS chain_id, min(s.started_s) AS started_s
      FROM observation AS ob JOIN scan AS s USING (scan_id) GROUP BY ob.presented_chain_id
      UNION ALL
      SELECT ob.verified_chain_id, min(s.started_s)
      FROM observation AS ob JOIN scan AS s USING (scan_id) GROUP BY ob.verified_chain_id
      UNION ALL
      SELECT c.chain_id, min(s.started_s)
      FROM other_chain AS x JOIN observation AS ob USING (observation_id) JOIN scan AS s USING (scan_id)
        JOIN chain AS c ON c.chain_id IN (x.presented_chain_id, x.verified_chain_id) GROUP BY c.chain_id) AS y USING (chain_id))
  GROUP BY certificate_id)
SELECT 'sha256:' || lower(hex(c.sha256)) AS sha256,
  CASE WHEN c.spki_sha256 IS NOT NULL THEN 'sha256:' || lower(hex(c.spki_sha256)) END AS spki_sha256,
  c.serial_hex AS serial, c.subject, c.subject_cn, c.issuer, c.issuer_cn, c.issuer_organization,
  datetime(c.not_before_s, 'unixepoch') AS issued_utc, datetime(c.not_after_s, 'unixepoch') AS expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS days_left,
  round((c.not_after_s - c.not_before_s) / 86400.0, 3) AS lifetime_days,
  c.key_type, c.key_bits, c.signature, c.is_ca, c.is_self_issued, c.names_count,
  CASE WHEN c.names_count = 0 THEN '' ELSE (SELECT group_concat(name, ' ') FROM (
    SELECT replace(replace(n.name, '\u00', '\u005cu00'), ' ', '\u0020') AS name FROM certificate_name AS n
    WHERE n.certificate_id = c.certificate_id ORDER BY n.kind, n.name)) END AS names,
  c.policy, k.endpoints,
  h.hosts, w.owners, datetime(f.first_seen_s, 'unixepoch') AS first_seen_utc,
  datetime(s.started_s, 'unixepoch') AS last_seen_utc,
  s.scan_id, c.certificate_id
FROM counted AS k
  JOIN certificate AS c ON c.certificate_id = k.certificate_id
  JOIN v_newest_scan AS s
  LEFT JOIN hosted AS h ON h.certificate_id = k.certificate_id
  LEFT JOIN owned AS w ON w.certificate_id = k.certificate_id
  LEFT JOIN seen AS f ON f.certificate_id = k.certificate_id
ORDER BY c.is_ca, c.not_after_s, c.sha256;

-- Private keys that more than one host of the newest scan uses.
CREATE VIEW v_shared_key AS
SELECT 'sha256:' || lower(hex(spki_sha256)) AS spki_sha256, key_type, key_bits, count(*) AS hosts_count,
  sum(endpoints) AS endpoints_count, group_concat(host, ' ') AS hosts
FROM (SELECT c.spki_sha256, c.key_type, c.key_bits, t.host, count(*) AS endpoints
  FROM observation AS ob
    JOIN certificate AS c ON c.certificate_id = ob.leaf_id
    JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
    JOIN target AS t ON t.target_id = e.target_id
  WHERE ob.scan_id = (SELECT scan_id FROM v_newest_scan) AND c.spki_sha256 IS NOT NULL
  GROUP BY c.spki_sha256, t.host)
GROUP BY spki_sha256 HAVING count(*) > 1
ORDER BY hosts_count DESC, spki_sha256;

-- On whom the newest scan's endpoints depend.
CREATE VIEW v_issuer AS
SELECT c.issuer_organization, c.issuer_cn, c.issuer, count(*) AS endpoints_count, count(DISTINCT c.certificate_id) AS leaves_count,
  sum(ob.trusted = 1) AS trusted_count,
  datetime(min(c.not_after_s), 'unixepoch') AS first_leaf_expires_utc,
  datetime(max(c.not_after_s), 'unixepoch') AS last_leaf_expires_utc,
  datetime(min(CASE WHEN m.certificate_id IS NOT NULL THEN ca.not_after_s END), 'unixepoch') AS issuer_expires_utc,
  coalesce(max(c.not_after_s) > min(ca.not_after_s), 0) AS leaf_outlives_issuer
FROM observation AS ob
  JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  LEFT JOIN chain_certificate AS m ON m.chain_id = coalesce(ob.verified_chain_id, ob.presented_chain_id) AND m.position = 1
  LEFT JOIN certificate AS ca ON ca.certificate_id = m.certificate_id
WHERE ob.scan_id = (SELECT scan_id FROM v_newest_scan)
GROUP BY c.issuer
ORDER BY endpoints_count DESC, c.issuer;

-- The chain of every endpoint of the newest scan, one row per certificate: what was sent in its order, then
-- what the verified path has beyond that. how: sent, sent, not needed, not sent.
CREATE VIEW v_chain AS
WITH ob AS (SELECT * FROM observation WHERE scan_id = (SELECT scan_id FROM v_newest_scan) AND leaf_id IS NOT NULL),
sent AS (
  SELECT observation_id, 0 AS position, leaf_id AS certificate_id FROM ob
  UNION ALL
  SELECT ob.observation_id, m.position, m.certificate_id
  FROM ob JOIN chain_certificate AS m ON m.chain_id = ob.presented_chain_id),
path AS (
  SELECT observation_id, 0 AS position, leaf_id AS certificate_id FROM ob
  UNION ALL
  SELECT ob.observation_id, m.position, m.certificate_id
  FROM ob JOIN chain_certificate AS m ON m.chain_id = ob.verified_chain_id),
rows AS (
  SELECT sent.observation_id, sent.position AS sent_position, path.position AS path_position, sent.certificate_id
  FROM sent LEFT JOIN path ON path.observation_id = sent.observation_id AND path.certificate_id = sent.certificate_id
  UNION ALL
  SELECT path.observation_id, NULL, path.position, path.certificate_id FROM path
  WHERE NOT EXISTS (SELECT 1 FROM sent
    WHERE sent.observation_id = path.observation_id AND sent.certificate_id = path.certificate_id))
SELECT t.host, t.port, e.address,
  coalesce(rows.path_position, rows.sent_position) AS position,
  CASE WHEN coalesce(rows.path_position, rows.sent_position) = 0 AND ob.verified_depth = 1 THEN 'leaf and anchor'
    WHEN coalesce(rows.path_position, rows.sent_position) = 0 THEN 'leaf'
    WHEN rows.path_position = ob.verified_depth - 1 THEN 'anchor'
    WHEN c.is_self_signed = 1 THEN 'root' WHEN c.is_ca = 1 THEN 'intermediate' ELSE 'other' END AS role,
  coalesce(c.subject_cn, c.subject) AS subject, coalesce(c.issuer_cn, c.issuer) AS issuer,
  CASE WHEN rows.sent_position IS NULL THEN 'not sent'
    WHEN rows.path_position IS NULL AND ob.verified_depth IS NOT NULL THEN 'sent, not needed' ELSE 'sent' END AS how,
  rows.sent_position, rows.path_position,
  c.key_type, c.key_bits, c.signature, datetime(c.not_after_s, 'unixepoch') AS expires_utc,
  (c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0) AS days_left,
  'sha256:' || lower(hex(c.sha256)) AS sha256,
  rows.observation_id, rows.certificate_id
FROM rows
  JOIN ob USING (observation_id)
  JOIN certificate AS c ON c.certificate_id = rows.certificate_id
  JOIN scan AS s ON s.scan_id = ob.scan_id
  JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
ORDER BY t.host, t.port, e.address, rows.observation_id, position, sent_position;

-- Names that certificates of the newest scan cover, below the registrable domain of a target, and that are no target:
-- what a list may have forgotten. Names are in lower case. Owners as in v_certificate, of the hosts of that domain that sent
-- such a certificate, else of all its targets. Of several certificates the one that ends first gives issuer and end. Lists
-- have the first twenty alone.
CREATE VIEW v_inventory AS
WITH RECURSIVE listed AS MATERIALIZED (
  SELECT t.target_id, t.host, t.sni, t.registrable_domain,
    replace(replace(coalesce((SELECT l.value FROM label AS l WHERE l.label_set_id = st.label_set_id
      AND lower(replace(l.name, ' ', '_')) IN ('owner', 'department', 'organization', 'organization_name')
      ORDER BY instr('owner department organization organization_name', lower(replace(l.name, ' ', '_'))), l.position
      LIMIT 1), t.registrable_domain), '\u00', '\u005cu00'), ' ', '\u0020') AS owner
  FROM scan_target AS st CROSS JOIN target AS t ON t.target_id = st.target_id
  WHERE st.scan_id = (SELECT scan_id FROM v_newest_scan)),
met AS MATERIALIZED (
  SELECT ob.leaf_id AS certificate_id, e.target_id
  FROM observation AS ob CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  WHERE ob.scan_id = (SELECT scan_id FROM v_newest_scan) AND ob.leaf_id IS NOT NULL
  UNION
  SELECT x.leaf_id, e.target_id
  FROM observation AS ob
    CROSS JOIN other_chain AS x ON x.observation_id = ob.observation_id
    CROSS JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  WHERE ob.scan_id = (SELECT scan_id FROM v_newest_scan)),
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
  datetime(f.started_s, 'unixepoch') AS first_seen_utc,
  (SELECT scan_id FROM v_newest_scan) AS scan_id
FROM inventory AS i
  CROSS JOIN leaf AS l ON l.turn = i.turn
  CROSS JOIN certificate AS c ON c.certificate_id = l.certificate_id
  LEFT JOIN owners AS o ON o.id = i.id
  LEFT JOIN domain_owners AS d ON d.registrable_domain = i.registrable_domain
  LEFT JOIN hosts AS s ON s.id = i.id
  LEFT JOIN name_seen AS f ON f.id = i.id
ORDER BY i.registrable_domain, i.name;
