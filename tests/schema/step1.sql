-- A database of step 1, as tlscensus 0.1.0 made it: one host that answered, one that refused.
-- Texts that no test looks at are left out.
BEGIN TRANSACTION;
CREATE TABLE scan (
  scan_id INTEGER PRIMARY KEY,
  scan_uuid TEXT NOT NULL UNIQUE,
  profile TEXT NOT NULL,                -- quick
  state TEXT NOT NULL CHECK (state IN ('running', 'done', 'interrupted')),
  started_s INTEGER NOT NULL,
  finished_s INTEGER,                   -- NULL while running, or killed
  as_of_s INTEGER NOT NULL,             -- the clock of rules and days left: started_s unless --as-of moved it
  tool_version TEXT NOT NULL,
  vantage TEXT NOT NULL DEFAULT '',     -- local address and interface of each address family
  notices TEXT NOT NULL DEFAULT '',     -- what the scan said once, a line each
  options_json TEXT NOT NULL,           -- every option that shaped it, without secrets
  input_sha256 BLOB,                    -- of the target list as read
  trust_store TEXT NOT NULL,            -- where the anchors came from and how many
  trust_store_sha256 BLOB,
  shard TEXT NOT NULL DEFAULT '1/1',
  runs INTEGER NOT NULL DEFAULT 1       -- 1, and one more for each --resume
) STRICT;
INSERT INTO scan VALUES(1,'9fe08e42-3a8d-4734-b3e7-a31df33ed5af','quick','done',1795888139,1795888139,1795888139,'tlscensus 0.1.0','IPv4 127.0.0.1 lo','','{"profile":"quick"}',X'3bc3391f60093bc051f108615886ebdf0f881101465eed6412412da1f72a4cc8','system',X'721ac0288d1630f7a6738adf448edf25ff406bf37649a6c89525ba25981f8c91','1/1',1);
CREATE TABLE label_set (                -- owner, department, …: stored once
  label_set_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE           -- of the canonical text of its labels
) STRICT;
INSERT INTO label_set VALUES(1,X'091800dafe6417a58f9da853e908ca76db7ac73fb1c5eb5729658cb107a2ef9f');
CREATE TABLE label (
  label_set_id INTEGER NOT NULL REFERENCES label_set ON DELETE CASCADE,
  position INTEGER NOT NULL,            -- column of the input, from 1
  name TEXT NOT NULL,                   -- as the input's header has it; two columns may have one name
  value TEXT NOT NULL,
  PRIMARY KEY (label_set_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO label VALUES(1,1,'owner','library');
CREATE TABLE target (
  target_id INTEGER PRIMARY KEY,
  protocol TEXT NOT NULL,
  host TEXT NOT NULL,                   -- A-label in lower case, or an address
  host_unicode TEXT,                    -- NULL where it is the same
  port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
  pinned_address TEXT NOT NULL DEFAULT '',
  sni TEXT NOT NULL DEFAULT '',         -- '' where it is the host
  registrable_domain TEXT,              -- by the public suffix list
  input_text TEXT,                      -- as the user wrote it when it was first met; NULL where that is the host
  UNIQUE (host, port, protocol, pinned_address, sni)
) STRICT;
INSERT INTO target VALUES(1,'tls','localhost',NULL,18443,'127.0.0.1','',NULL,NULL);
INSERT INTO target VALUES(2,'tls','localhost',NULL,18444,'127.0.0.1','',NULL,NULL);
CREATE TABLE scan_target (
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,
  target_id INTEGER NOT NULL REFERENCES target,
  label_set_id INTEGER REFERENCES label_set,
  input_line INTEGER,
  input_text TEXT,                      -- as the user wrote it; NULL where it is the target's
  endpoints_count INTEGER NOT NULL DEFAULT 1,   -- addresses that the lookup gave; 1 until then
  run INTEGER NOT NULL DEFAULT 1,       -- scan.runs when the list last had it: tells a duplicate from a resumed line
  PRIMARY KEY (scan_id, target_id)
) STRICT, WITHOUT ROWID;
INSERT INTO scan_target VALUES(1,1,1,2,NULL,1,1);
INSERT INTO scan_target VALUES(1,2,1,3,NULL,1,1);
CREATE TABLE endpoint (
  endpoint_id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  address TEXT NOT NULL DEFAULT '',     -- '' where the name did not resolve
  UNIQUE (target_id, address)
) STRICT;
INSERT INTO endpoint VALUES(1,2,'127.0.0.1');
INSERT INTO endpoint VALUES(2,1,'127.0.0.1');
CREATE TABLE outcome (
  outcome_id INTEGER PRIMARY KEY,       -- enum tc_outcome
  name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO outcome VALUES(0,'ok');
INSERT INTO outcome VALUES(1,'dns-not-found');
INSERT INTO outcome VALUES(2,'dns-no-address');
INSERT INTO outcome VALUES(3,'dns-failure');
INSERT INTO outcome VALUES(4,'dns-timeout');
INSERT INTO outcome VALUES(5,'excluded');
INSERT INTO outcome VALUES(6,'refused');
INSERT INTO outcome VALUES(7,'unreachable');
INSERT INTO outcome VALUES(8,'connect-timeout');
INSERT INTO outcome VALUES(9,'starttls-refused');
INSERT INTO outcome VALUES(10,'starttls-failed');
INSERT INTO outcome VALUES(11,'not-tls');
INSERT INTO outcome VALUES(12,'alert');
INSERT INTO outcome VALUES(13,'handshake-timeout');
INSERT INTO outcome VALUES(14,'closed');
INSERT INTO outcome VALUES(15,'reset');
INSERT INTO outcome VALUES(16,'protocol-error');
INSERT INTO outcome VALUES(17,'limit-exceeded');
INSERT INTO outcome VALUES(18,'client-certificate-required');
INSERT INTO outcome VALUES(19,'local-error');
INSERT INTO outcome VALUES(20,'interrupted');
CREATE TABLE certificate_url (          -- a CA's customers share one row
  certificate_url_id INTEGER PRIMARY KEY,
  ocsp TEXT NOT NULL DEFAULT '',
  ca_issuers TEXT NOT NULL DEFAULT '',
  crl TEXT NOT NULL DEFAULT '',
  UNIQUE (ocsp, ca_issuers, crl)
) STRICT;
CREATE TABLE certificate (
  certificate_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  spki_sha256 BLOB CHECK (length(spki_sha256) = 32),
  serial_hex TEXT,                      -- 04:E1:23
  subject_cn TEXT,
  subject TEXT,                         -- RFC 4514
  issuer_cn TEXT,
  issuer_organization TEXT,
  issuer TEXT,
  not_before_s INTEGER,
  not_after_s INTEGER,
  key_type TEXT,                        -- RSA, ECDSA P-256, Ed25519, …
  key_bits INTEGER,
  signature TEXT,                       -- sha256WithRSAEncryption, …
  version INTEGER,                      -- 1, 2 or 3
  is_ca INTEGER,
  is_self_issued INTEGER,
  is_self_signed INTEGER,
  path_len INTEGER,                     -- NULL where there is no constraint
  has_name_constraints INTEGER,
  key_usage INTEGER,                    -- bits of RFC 5280 4.2.1.3; NULL where the extension is absent
  ext_key_usage INTEGER,                -- enum tc_ext_key_usage; NULL where the extension is absent
  policy TEXT,                          -- DV, OV, IV, EV or NULL
  sct_count INTEGER,                    -- embedded SCTs
  must_staple INTEGER,
  is_precert INTEGER,
  names_count INTEGER,
  certificate_url_id INTEGER REFERENCES certificate_url,
  parse_error TEXT,                     -- why we could not read it; then what is not known is NULL
  der BLOB                              -- NULL only after `prune --drop-der`
) STRICT;
INSERT INTO certificate VALUES(1,X'eb6261e7040931abb6463bd6abc3af259200af38e860c20c378807f1a9118d69',X'a1a6f8d4d57f17068ea5fb53bac017b63b1a7167b7c1b3f131ff9fda2e43ca59','36:D9:48:11:0A:BB:ED:E0:54:BD:C1:13:C9:08:F8:E4:A9:1F:BA:44','localhost','CN=localhost','localhost',NULL,'CN=localhost',1795888137,2111248137,'ECDSA P-256',256,'ecdsa-with-SHA256',3,1,1,1,NULL,0,NULL,NULL,NULL,0,0,0,1,NULL,NULL,X'3082019430820139a003020102021436d948110abbede054bdc113c908f8e4a91fba44300a06082a8648ce3d04030230143112301006035504030c096c6f63616c686f7374301e170d3236313132383137343835375a170d3336313132353137343835375a30143112301006035504030c096c6f63616c686f73743059301306072a8648ce3d020106082a8648ce3d0301070342000436c7c13ce6479dc60e1bcbf8d689742f15ee016f4f70d8191f0dc0ed1d73650d0731714bd7fef86295ef2f55c4b98d32e681ab8290a859a050429cb608ed889da3693067301d0603551d0e04160414c4e0106d6d6555a60a5f3e2f666b71b259ca542f301f0603551d23041830168014c4e0106d6d6555a60a5f3e2f666b71b259ca542f300f0603551d130101ff040530030101ff30140603551d11040d300b82096c6f63616c686f7374300a06082a8648ce3d0403020349003046022100cc966f70be6df1e015765e91385796a8adcb3063b867ff774f511d1c260c31d4022100b723eb89c5bfa21f3ac75f5a8e9c49d652847c4f233176d22defb80955ab48c1');
CREATE TABLE certificate_name (
  certificate_id INTEGER NOT NULL REFERENCES certificate ON DELETE CASCADE,
  kind TEXT NOT NULL,                   -- dns, ip, email, uri, xmpp, srv, directory, other
  name TEXT NOT NULL,
  PRIMARY KEY (certificate_id, kind, name)
) STRICT, WITHOUT ROWID;
INSERT INTO certificate_name VALUES(1,'dns','localhost');
CREATE TABLE chain (                    -- what follows the leaf: shared by many leaves
  chain_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE           -- of its members' hashes, in order
) STRICT;
CREATE TABLE chain_certificate (
  chain_id INTEGER NOT NULL REFERENCES chain ON DELETE CASCADE,
  position INTEGER NOT NULL,            -- from 1: the leaf is 0
  certificate_id INTEGER NOT NULL REFERENCES certificate,
  PRIMARY KEY (chain_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE cname_chain (
  cname_chain_id INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE            -- after the first, separated by a space
) STRICT;
CREATE TABLE feature_set (
  feature_set_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE feature (
  feature_set_id INTEGER NOT NULL REFERENCES feature_set ON DELETE CASCADE,
  kind TEXT NOT NULL,
  code INTEGER NOT NULL,
  supported INTEGER,                    -- 1 yes, 0 no, NULL not measured
  rank INTEGER,                         -- the server's preference, from 1
  PRIMARY KEY (feature_set_id, kind, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE observation (
  observation_id INTEGER PRIMARY KEY,
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,
  endpoint_id INTEGER NOT NULL REFERENCES endpoint,
  observed_s INTEGER NOT NULL,
  outcome_id INTEGER NOT NULL REFERENCES outcome,
  outcome_stage TEXT NOT NULL DEFAULT '',   -- dns, tcp, starttls, tls; '' for ok
  outcome_detail TEXT,
  attempts INTEGER NOT NULL DEFAULT 1,
  connections INTEGER,
  read_bytes INTEGER,
  cname_chain_id INTEGER REFERENCES cname_chain,
  dns_us INTEGER,
  connect_us INTEGER,
  starttls_us INTEGER,
  server_hello_us INTEGER,
  handshake_us INTEGER,
  total_us INTEGER,
  own_us INTEGER,                       -- our own CPU inside the handshake
  loop_lag_us INTEGER,                  -- how late our event loop was at worst meanwhile
  rtt_us INTEGER,                       -- the kernel's round trip when connected
  tls_version INTEGER,
  cipher INTEGER,
  kx_group INTEGER,
  signature_scheme INTEGER,
  alpn TEXT,
  ocsp_stapled INTEGER,
  client_certificate_requested INTEGER,
  hello_retry INTEGER,
  sct_count_tls INTEGER,
  feature_set_id INTEGER REFERENCES feature_set,
  leaf_id INTEGER REFERENCES certificate,
  presented_chain_id INTEGER REFERENCES chain,   -- NULL where only the leaf was sent, or none
  verified_chain_id INTEGER REFERENCES chain,    -- NULL where there is no path, or only the leaf on it
  presented_depth INTEGER,
  verified_depth INTEGER,               -- NULL where there is no path
  presented_chain_len INTEGER,          -- longest run in which each is issued by the next
  extraneous_count INTEGER,
  duplicates_count INTEGER,
  root_sent INTEGER,
  built_from INTEGER,                   -- path members: 1 sent, 2 trust store (anchor apart), 4 other endpoints
  chain_status TEXT,
  trusted INTEGER,
  trust_detail TEXT,                    -- NULL where trusted
  trust_text TEXT,                      -- the verdict in words, NULL where trusted
  trusted_but_for_date INTEGER,
  name_match INTEGER,
  cn_match INTEGER,
  chain_not_after_s INTEGER,
  chain_not_after_id INTEGER REFERENCES certificate,   -- whose end that is
  grade TEXT,                           -- as people see it, T and M included
  config_grade TEXT,
  grade_partial INTEGER,
  UNIQUE (scan_id, endpoint_id)
) STRICT;
INSERT INTO observation VALUES(1,1,1,1795888139,6,'tcp','the port is closed',1,1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,696,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO observation VALUES(2,1,2,1795888139,0,'',NULL,1,1,763,NULL,NULL,475,NULL,2234,2757,3232,540,504,40,772,4865,29,1027,NULL,0,0,0,NULL,NULL,1,NULL,NULL,1,NULL,1,0,0,0,NULL,'no-path',0,'self-signed','localhost is self-signed and not in the trust store',0,1,1,2111248137,1,'T','A',1);
CREATE TABLE handshake_message (
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  position INTEGER NOT NULL,
  from_server INTEGER NOT NULL,
  type INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  offset_us INTEGER NOT NULL,           -- since the ClientHello was handed to the socket
  PRIMARY KEY (observation_id, position)
) STRICT, WITHOUT ROWID;
INSERT INTO handshake_message VALUES(2,0,0,1,512,0);
INSERT INTO handshake_message VALUES(2,1,1,2,122,2260);
INSERT INTO handshake_message VALUES(2,2,0,254,1,2274);
CREATE TABLE rule (
  rule_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,            -- the finding id
  severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),
  title TEXT NOT NULL,
  why TEXT NOT NULL,
  remedy TEXT NOT NULL,
  source TEXT NOT NULL,
  grade_cap TEXT,
  is_trust INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO rule VALUES(9,'cert-self-signed',3,'Certificate is self-signed','Nobody but the server itself vouches for this certificate, so clients cannot tell it from an impostor''s and warn.','Get a certificate from a public CA (free of charge by ACME: certbot -d NAME), or from a private CA whose root is installed on all clients.','CA/Browser Forum TLS Baseline Requirements section 7.1.2.7',NULL,1);
CREATE TABLE finding_detail (           -- what a rule saw: most scans find again what the one before found
  detail_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO finding_detail VALUES(1,'leaf CN=localhost, signed by itself, valid until 2036-11-25');
CREATE TABLE finding_row (              -- findings as they are kept; the view `finding` has them with their text
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  rule_id INTEGER NOT NULL REFERENCES rule,
  severity INTEGER NOT NULL,
  detail_id INTEGER REFERENCES finding_detail,
  waived_until_s INTEGER,
  waiver_reason TEXT,
  PRIMARY KEY (observation_id, rule_id)
) STRICT, WITHOUT ROWID;
INSERT INTO finding_row VALUES(2,9,3,1,NULL,NULL);
CREATE TABLE change (                   -- filled by the comparison with an earlier scan
  change_id INTEGER PRIMARY KEY,
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,
  previous_scan_id INTEGER NOT NULL,
  endpoint_id INTEGER NOT NULL REFERENCES endpoint,
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  before TEXT,
  after TEXT,
  severity INTEGER NOT NULL
) STRICT;
CREATE TABLE rejected_target (
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  text TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (scan_id, file, line, text)   -- arguments of the command line share line 0
) STRICT, WITHOUT ROWID;
CREATE TABLE registry_name (
  kind TEXT NOT NULL,                   -- version, cipher, group, signature, alert, message
  code INTEGER NOT NULL,
  name TEXT NOT NULL,
  forward_secrecy INTEGER,              -- ciphers only
  PRIMARY KEY (kind, code)
) STRICT, WITHOUT ROWID;
INSERT INTO registry_name VALUES('cipher',4865,'TLS_AES_128_GCM_SHA256',1);
INSERT INTO registry_name VALUES('cipher',4866,'TLS_AES_256_GCM_SHA384',1);
INSERT INTO registry_name VALUES('cipher',4867,'TLS_CHACHA20_POLY1305_SHA256',1);
INSERT INTO registry_name VALUES('group',29,'x25519',NULL);
INSERT INTO registry_name VALUES('version',2,'SSLv2',NULL);
INSERT INTO registry_name VALUES('version',768,'SSLv3',NULL);
INSERT INTO registry_name VALUES('version',769,'TLSv1.0',NULL);
INSERT INTO registry_name VALUES('version',770,'TLSv1.1',NULL);
INSERT INTO registry_name VALUES('version',771,'TLSv1.2',NULL);
INSERT INTO registry_name VALUES('version',772,'TLSv1.3',NULL);
CREATE INDEX observation_endpoint ON observation (endpoint_id, scan_id);
CREATE INDEX observation_leaf ON observation (leaf_id);
CREATE INDEX certificate_ca ON certificate (is_ca) WHERE is_ca = 1;
CREATE INDEX observation_untrusted ON observation (scan_id, trust_detail) WHERE trust_detail IS NOT NULL;
CREATE INDEX observation_misnamed ON observation (scan_id, name_match) WHERE name_match = 0;
CREATE INDEX certificate_must_staple ON certificate (must_staple) WHERE must_staple = 1;
CREATE INDEX certificate_small_key ON certificate (key_bits)
  WHERE key_type IN ('RSA', 'RSA-PSS') AND key_bits BETWEEN 1 AND 2047;
CREATE INDEX certificate_weak_signature ON certificate (signature)
  WHERE signature IN ('sha1WithRSAEncryption', 'md5WithRSAEncryption', 'md2WithRSAEncryption',
    'ecdsa-with-SHA1', 'dsa-with-sha1', 'rsassaPss-with-SHA1');
CREATE VIEW finding AS
SELECT f.observation_id, f.rule_id, f.severity,
  (SELECT d.text FROM finding_detail AS d WHERE d.detail_id = f.detail_id) AS detail, f.waived_until_s, f.waiver_reason
FROM finding_row AS f;
CREATE VIEW v_newest_scan AS
SELECT scan_id, started_s, as_of_s FROM scan WHERE state <> 'running'
ORDER BY state = 'done' DESC, started_s DESC, scan_id DESC LIMIT 1;
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
  NULL AS post_quantum,
  k.forward_secrecy AS forward_secrecy,
  ob.alpn,
  CASE WHEN ob.feature_set_id IS NOT NULL THEN (SELECT group_concat(name, ' ') FROM (
    SELECT r.name FROM feature AS f JOIN registry_name AS r USING (kind, code)
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'version' AND f.supported = 1 ORDER BY f.code)) END AS versions_supported,
  CASE WHEN ob.feature_set_id IS NOT NULL THEN (SELECT group_concat(name, ' ') FROM (
    SELECT r.name FROM feature AS f JOIN registry_name AS r USING (kind, code)
    WHERE f.feature_set_id = ob.feature_set_id AND f.kind = 'version' AND f.supported IS NULL ORDER BY f.code)) END AS versions_unknown,
  NULL AS hsts_max_age_s, NULL AS redirects_to_https, NULL AS caa, NULL AS dane,
  ob.dns_us / 1000.0 AS dns_ms, ob.connect_us / 1000.0 AS connect_ms, ob.starttls_us / 1000.0 AS starttls_ms,
  ob.server_hello_us / 1000.0 AS server_hello_ms, ob.handshake_us / 1000.0 AS handshake_ms,
  ob.total_us / 1000.0 AS total_ms,
  ob.connections, ob.read_bytes,
  (SELECT datetime(s2.started_s, 'unixepoch') FROM observation AS o2 JOIN scan AS s2 USING (scan_id)
    WHERE o2.endpoint_id = ob.endpoint_id ORDER BY o2.scan_id LIMIT 1) AS first_seen_utc,
  NULL AS previous_grade, NULL AS changed,
  ob.config_grade, ob.grade_partial,
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
  LEFT JOIN registry_name AS g ON g.kind = 'group' AND g.code = ob.kx_group;
CREATE VIEW v_endpoint AS
SELECT * FROM v_endpoint_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan);
CREATE VIEW v_expiring AS
SELECT leaf_days_left, leaf_expires_utc, chain_days_left, chain_expires_utc, chain_expires_subject,
  host, port, address, labels, issuer_organization, issuer_cn, subject_cn, grade, scan_id, observation_id
FROM v_endpoint WHERE leaf_days_left IS NOT NULL
ORDER BY leaf_days_left, leaf_expires_utc, host, port, address;
CREATE VIEW v_unreachable AS
SELECT h.host, h.port, h.address, h.protocol, h.labels, h.outcome, h.outcome_stage, h.outcome_detail, h.attempts,
  (SELECT datetime(s.started_s, 'unixepoch') FROM observation AS ob JOIN scan AS s USING (scan_id)
    WHERE ob.endpoint_id = h.endpoint_id AND ob.outcome_id IN (0, 18)
    ORDER BY ob.scan_id DESC LIMIT 1) AS last_answered_utc,
  h.scan_id, h.observation_id
FROM v_endpoint AS h WHERE h.outcome NOT IN ('ok', 'client-certificate-required')
ORDER BY h.host, h.port, h.address;
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
CREATE VIEW v_finding AS
SELECT * FROM v_finding_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY severity_code DESC, rule, host, port, address;
CREATE VIEW v_change_history AS
SELECT ch.scan_id, ch.previous_scan_id, t.host, t.port, e.address,
  (SELECT group_concat(l.name || '=' || l.value, '; ') FROM label AS l
    WHERE l.label_set_id = st.label_set_id) AS labels,
  ch.kind, ch.field, ch.before, ch.after,
  CASE ch.severity WHEN 4 THEN 'critical' WHEN 3 THEN 'high' WHEN 2 THEN 'medium' WHEN 1 THEN 'low' ELSE 'info' END AS severity,
  ch.severity AS severity_code, ch.change_id, st.label_set_id
FROM change AS ch
  JOIN endpoint AS e USING (endpoint_id)
  JOIN target AS t USING (target_id)
  LEFT JOIN scan_target AS st ON st.scan_id = ch.scan_id AND st.target_id = t.target_id;
CREATE VIEW v_change AS
SELECT * FROM v_change_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY severity_code DESC, host, port, address, kind, field;
CREATE VIEW v_certificate_use AS
SELECT ob.leaf_id AS certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob WHERE ob.leaf_id IS NOT NULL
UNION
SELECT m.certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN chain_certificate AS m ON m.chain_id = ob.presented_chain_id
UNION
SELECT m.certificate_id, ob.scan_id, ob.observation_id, ob.endpoint_id
FROM observation AS ob JOIN chain_certificate AS m ON m.chain_id = ob.verified_chain_id;
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
    SELECT m.certificate_id, x.started_s FROM chain_certificate AS m JOIN (
      SELECT ob.presented_chain_id AS chain_id, min(s.started_s) AS started_s
      FROM observation AS ob JOIN scan AS s USING (scan_id) GROUP BY ob.presented_chain_id) AS x USING (chain_id)
    UNION ALL
    SELECT m.certificate_id, x.started_s FROM chain_certificate AS m JOIN (
      SELECT ob.verified_chain_id AS chain_id, min(s.started_s) AS started_s
      FROM observation AS ob JOIN scan AS s USING (scan_id) GROUP BY ob.verified_chain_id) AS x USING (chain_id))
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
COMMIT;
PRAGMA application_id = 1414288195;
PRAGMA user_version = 1;
