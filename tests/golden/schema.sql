CREATE INDEX certificate_ca ON certificate (is_ca) WHERE is_ca = 1;
CREATE INDEX certificate_must_staple ON certificate (must_staple) WHERE must_staple = 1;
CREATE INDEX certificate_small_key ON certificate (key_bits)
  WHERE key_type IN ('RSA', 'RSA-PSS') AND key_bits BETWEEN 1 AND 2047;
CREATE INDEX certificate_weak_signature ON certificate (signature)
  WHERE signature IN ('sha1WithRSAEncryption', 'md5WithRSAEncryption', 'md2WithRSAEncryption',
    'ecdsa-with-SHA1', 'dsa-with-sha1', 'rsassaPss-with-SHA1');
CREATE INDEX observation_endpoint ON observation (endpoint_id, scan_id);
CREATE INDEX observation_feature_set ON observation (scan_id, feature_set_id) WHERE feature_set_id IS NOT NULL;
CREATE INDEX observation_leaf ON observation (leaf_id);
CREATE INDEX observation_misnamed ON observation (scan_id, name_match) WHERE name_match = 0;
CREATE INDEX observation_untrusted ON observation (scan_id, trust_detail) WHERE trust_detail IS NOT NULL;
CREATE INDEX other_chain_untrusted ON other_chain (leaf_id) WHERE trust_detail IS NOT NULL;
CREATE INDEX scan_target_profile ON scan_target (scan_id, profile) WHERE profile IS NOT NULL;
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
CREATE TABLE certificate_name (
  certificate_id INTEGER NOT NULL REFERENCES certificate ON DELETE CASCADE,
  kind TEXT NOT NULL,                   -- dns, ip, email, uri, xmpp, srv, directory, other
  name TEXT NOT NULL,
  PRIMARY KEY (certificate_id, kind, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE certificate_url (          -- a CA's customers share one row
  certificate_url_id INTEGER PRIMARY KEY,
  ocsp TEXT NOT NULL DEFAULT '',
  ca_issuers TEXT NOT NULL DEFAULT '',
  crl TEXT NOT NULL DEFAULT '',
  UNIQUE (ocsp, ca_issuers, crl)
) STRICT;
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
CREATE TABLE change (                   -- filled when a scan closes; schema/changes has a file for each family of kinds
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,   -- the scan that saw it
  endpoint_id INTEGER NOT NULL REFERENCES endpoint,             -- where a whole target changed: one of its endpoints
  kind TEXT NOT NULL,                   -- certificate-renewed, finding-new, …
  field TEXT NOT NULL,                  -- what of it: a column of endpoints.csv, a rule, a protocol version
  previous_scan_id INTEGER NOT NULL,    -- the newest finished scan before that had the target; it may be pruned since
  before TEXT,
  after TEXT,
  severity INTEGER NOT NULL CHECK (severity BETWEEN 0 AND 4),   -- 0: not worth a mail
  PRIMARY KEY (scan_id, endpoint_id, kind, field)
) STRICT, WITHOUT ROWID;
CREATE TABLE cname_chain (
  cname_chain_id INTEGER PRIMARY KEY,
  names TEXT NOT NULL UNIQUE            -- after the first, separated by a space
) STRICT;
CREATE TABLE endpoint (
  endpoint_id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  address TEXT NOT NULL DEFAULT '',     -- '' where the name did not resolve
  UNIQUE (target_id, address)
) STRICT;
CREATE TABLE endpoint_leaf (
  endpoint_id INTEGER NOT NULL REFERENCES endpoint,
  leaf_id INTEGER NOT NULL REFERENCES certificate,
  first_seen_s INTEGER NOT NULL,        -- start of the first scan that met it there
  last_seen_s INTEGER NOT NULL,         -- and of the last one
  PRIMARY KEY (endpoint_id, leaf_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE feature (                  -- one row for each question that was asked; include/tlscensus/features.h
  feature_set_id INTEGER NOT NULL REFERENCES feature_set ON DELETE CASCADE,
  kind TEXT NOT NULL,                   -- version, cipher, group, signature, alpn, trait, dh, fingerprint
  version INTEGER NOT NULL DEFAULT 0,   -- the protocol version in which it was asked; 0 where that plays no part
  code INTEGER NOT NULL,                -- named by registry_name under the same kind
  supported INTEGER,                    -- 1 yes, 0 no, NULL asked and not measured
  rank INTEGER,                         -- the server's preference, from 1; NULL where it has none
  value INTEGER,                        -- what the kind or trait says: bits of a prime, seconds, bytes
  text TEXT,                            -- likewise, or why it was not measured
  PRIMARY KEY (feature_set_id, kind, version, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE feature_set (
  feature_set_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE
) STRICT;
CREATE TABLE finding_detail (           -- what a rule saw: most scans find again what the one before found
  detail_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE finding_set (
  finding_set_id INTEGER PRIMARY KEY,
  sha256 BLOB UNIQUE,                   -- over rule, severity and detail of each; NULL for sets of step 1, never shared
  scan_id INTEGER NOT NULL              -- the scan that had it first; the set may outlive it
) STRICT;
CREATE TABLE finding_set_row (
  finding_set_id INTEGER NOT NULL REFERENCES finding_set ON DELETE CASCADE,
  rule_id INTEGER NOT NULL REFERENCES rule,
  severity INTEGER NOT NULL,
  detail_id INTEGER REFERENCES finding_detail,
  PRIMARY KEY (finding_set_id, rule_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE finding_waiver (           -- findings of one endpoint that somebody accepted
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  rule_id INTEGER NOT NULL REFERENCES rule,
  until_s INTEGER NOT NULL,
  reason TEXT,
  PRIMARY KEY (observation_id, rule_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE handshake_message (
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  position INTEGER NOT NULL,
  from_server INTEGER NOT NULL,
  type INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  offset_us INTEGER NOT NULL,           -- since the ClientHello was handed to the socket
  PRIMARY KEY (observation_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE label (
  label_set_id INTEGER NOT NULL REFERENCES label_set ON DELETE CASCADE,
  position INTEGER NOT NULL,            -- column of the input, from 1
  name TEXT NOT NULL,                   -- as the input's header has it; two columns may have one name
  value TEXT NOT NULL,
  PRIMARY KEY (label_set_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE label_set (                -- owner, department, …: stored once
  label_set_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE           -- of the canonical text of its labels
) STRICT;
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
  grade_partial INTEGER, starttls_leftover_bytes INTEGER, finding_set_id INTEGER REFERENCES finding_set,
  UNIQUE (scan_id, endpoint_id)
) STRICT;
CREATE TABLE other_chain (              -- another leaf than the handshake's, which a server sent when asked differently
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('other-key', 'no-sni', 'unknown-sni')),
  leaf_id INTEGER NOT NULL REFERENCES certificate,
  presented_chain_id INTEGER REFERENCES chain,   -- these columns as in observation
  verified_chain_id INTEGER REFERENCES chain,
  presented_depth INTEGER,
  verified_depth INTEGER,
  chain_status TEXT,
  trusted INTEGER,
  trust_detail TEXT,
  trust_text TEXT,
  name_match INTEGER,                   -- for the name that was asked for, whichever was sent
  chain_not_after_s INTEGER,
  PRIMARY KEY (observation_id, role)
) STRICT, WITHOUT ROWID;
CREATE TABLE outcome (
  outcome_id INTEGER PRIMARY KEY,       -- enum tc_outcome
  name TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE registry_name (
  kind TEXT NOT NULL,                   -- version, cipher, group, signature, alert, message
  code INTEGER NOT NULL,
  name TEXT NOT NULL,
  forward_secrecy INTEGER,              -- ciphers only
  PRIMARY KEY (kind, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE rejected_target (
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,
  file TEXT NOT NULL,
  line INTEGER NOT NULL,
  text TEXT NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (scan_id, file, line, text)   -- arguments of the command line share line 0
) STRICT, WITHOUT ROWID;
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
, first_scan_id INTEGER, last_scan_id INTEGER, reads_survey INTEGER NOT NULL DEFAULT 0) STRICT;
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
, compared_scan_id INTEGER, confirm_after INTEGER NOT NULL DEFAULT 2) STRICT;
CREATE TABLE scan_target (
  scan_id INTEGER NOT NULL REFERENCES scan ON DELETE CASCADE,
  target_id INTEGER NOT NULL REFERENCES target,
  label_set_id INTEGER REFERENCES label_set,
  input_line INTEGER,
  input_text TEXT,                      -- as the user wrote it; NULL where it is the target's
  endpoints_count INTEGER NOT NULL DEFAULT 1,   -- addresses that the lookup gave; 1 until then
  run INTEGER NOT NULL DEFAULT 1, found_in TEXT, profile TEXT,       -- scan.runs when the list last had it: tells a duplicate from a resumed line
  PRIMARY KEY (scan_id, target_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE scheme (
  code INTEGER PRIMARY KEY,
  auth TEXT NOT NULL,                   -- the kind of key that it needs, as in suite
  hash TEXT NOT NULL,                   -- SHA256, …, intrinsic
  is_sha1_or_md5 INTEGER NOT NULL
) STRICT;
CREATE TABLE suite (
  code INTEGER PRIMARY KEY,             -- two bytes; three for SSL 2.0
  kx TEXT NOT NULL,                     -- any (TLS 1.3), RSA, DH, DHE, ECDH, ECDHE, PSK, DHE_PSK, …
  auth TEXT NOT NULL,                   -- any (TLS 1.3), RSA, DSS, ECDSA, anon, PSK, …
  cipher TEXT NOT NULL,                 -- AES-128, 3DES-EDE, RC4-128, ChaCha20, NULL, …
  mode TEXT NOT NULL,                   -- none, stream, CBC, GCM, CCM, CCM_8, Poly1305, …
  bits INTEGER NOT NULL,                -- effective strength of the cipher, in bits: 0 for NULL
  block_bits INTEGER NOT NULL,          -- 0 where there are no blocks
  hash TEXT NOT NULL,                   -- of the MAC; with an AEAD, of the key derivation
  forward_secrecy INTEGER NOT NULL,
  is_aead INTEGER NOT NULL,
  is_export INTEGER NOT NULL,
  min_version INTEGER NOT NULL,         -- protocol versions in which servers agree on it
  max_version INTEGER NOT NULL,
  quality TEXT NOT NULL                 -- recommended, sufficient, weak, insecure
) STRICT;
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
CREATE TABLE tls_group (
  code INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                   -- ec, ffdhe, pq, pq-hybrid, arbitrary
  bits INTEGER NOT NULL,                -- of curve or modulus, of a hybrid's curve; 0 where there is neither
  is_post_quantum INTEGER NOT NULL,     -- alone or as a hybrid
  is_draft INTEGER NOT NULL,            -- never registered for use
  is_weak INTEGER NOT NULL              -- a curve under 224 bits, a modulus under 2,048
) STRICT;
CREATE VIEW accepted_suite AS
SELECT f.feature_set_id, f.version, coalesce(v.name, printf('0x%04X', f.version)) AS version_name, f.code,
  coalesce(r.name, printf('0x%04X', f.code)) AS name, f.rank, s.kx, s.auth, s.cipher, s.mode, s.bits, s.block_bits, s.hash,
  s.forward_secrecy, s.is_aead, s.is_export, s.quality
FROM feature AS f
  LEFT JOIN suite AS s ON s.code = f.code
  LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = f.code
  LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
WHERE f.kind = 'cipher' AND f.supported = 1;
CREATE VIEW finding AS
SELECT o.observation_id, r.rule_id, r.severity,
  (SELECT d.text FROM finding_detail AS d WHERE d.detail_id = r.detail_id) AS detail, w.until_s AS waived_until_s,
  w.reason AS waiver_reason
FROM observation AS o
  JOIN finding_set_row AS r ON r.finding_set_id = o.finding_set_id
  LEFT JOIN finding_waiver AS w ON w.observation_id = o.observation_id AND w.rule_id = r.rule_id;
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
CREATE VIEW renewal_habit AS
SELECT endpoint_id, count(*) AS renewals, min(share_left) AS least_left,
  group_concat(CAST(round(100 * share_left) AS INTEGER), ', ') AS shares_left
FROM (
  SELECT endpoint_id, share_left, renewed_s,
    row_number() OVER (PARTITION BY endpoint_id ORDER BY renewed_s DESC, leaf_id DESC) AS number
  FROM renewal ORDER BY endpoint_id, renewed_s)
WHERE number <= 3 GROUP BY endpoint_id;
CREATE VIEW scan_feature_set AS
SELECT DISTINCT scan_id, feature_set_id FROM observation WHERE feature_set_id IS NOT NULL;
CREATE VIEW scan_order AS
SELECT NOT EXISTS (SELECT 1 FROM (SELECT started_s < lag(started_s, 1, 0) OVER (ORDER BY scan_id) AS is_early FROM scan)
  WHERE is_early = 1) AS are_in_order;
CREATE VIEW scan_profile AS
SELECT scan_id, profile, targets_count FROM (
  SELECT s.scan_id, s.profile, (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id)
    - (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id AND st.profile IS NOT NULL) AS targets_count
  FROM scan AS s)
WHERE targets_count > 0
UNION ALL
SELECT scan_id, profile, count(*) FROM scan_target WHERE profile IS NOT NULL GROUP BY scan_id, profile;
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
CREATE VIEW v_change AS
SELECT * FROM v_change_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY severity_code DESC, host, port, address, kind, field;
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
CREATE VIEW v_endpoint AS
SELECT * FROM v_endpoint_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan);
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
CREATE VIEW v_expiring AS
SELECT leaf_days_left, leaf_expires_utc, chain_days_left, chain_expires_utc, chain_expires_subject,
  host, port, address, labels, issuer_organization, issuer_cn, subject_cn, grade, scan_id, observation_id
FROM v_endpoint WHERE leaf_days_left IS NOT NULL
ORDER BY leaf_days_left, leaf_expires_utc, host, port, address;
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
CREATE VIEW v_finding AS
SELECT * FROM v_finding_history WHERE scan_id = (SELECT scan_id FROM v_newest_scan)
ORDER BY severity_code DESC, rule, host, port, address;
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
CREATE VIEW v_newest_scan AS
SELECT scan_id, started_s, as_of_s FROM scan WHERE state <> 'running'
ORDER BY state = 'done' DESC, started_s DESC, scan_id DESC LIMIT 1;
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
CREATE VIEW v_unreachable AS
SELECT h.host, h.port, h.address, h.protocol, h.labels, h.outcome, h.outcome_stage, h.outcome_detail, h.attempts,
  (SELECT datetime(max(s.started_s), 'unixepoch') FROM observation AS ob JOIN scan AS s USING (scan_id)
    WHERE ob.endpoint_id = h.endpoint_id AND ob.outcome_id IN (0, 18)) AS last_answered_utc,
  h.scan_id, h.observation_id
FROM v_endpoint AS h WHERE h.outcome NOT IN ('ok', 'client-certificate-required')
ORDER BY h.host, h.port, h.address;
