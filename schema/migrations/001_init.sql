-- Database of tlscensus, step 1. Times: _s seconds since 1970-01-01 UTC, _us microseconds. Hashes are
-- BLOBs of 32 bytes, booleans 0, 1 or NULL (unknown), TLS code points integers named by registry_name.

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

CREATE TABLE label_set (                -- owner, department, …: stored once
  label_set_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE           -- of the canonical text of its labels
) STRICT;

CREATE TABLE label (
  label_set_id INTEGER NOT NULL REFERENCES label_set ON DELETE CASCADE,
  position INTEGER NOT NULL,            -- column of the input, from 1
  name TEXT NOT NULL,                   -- as the input's header has it; two columns may have one name
  value TEXT NOT NULL,
  PRIMARY KEY (label_set_id, position)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE endpoint (
  endpoint_id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL REFERENCES target,
  address TEXT NOT NULL DEFAULT '',     -- '' where the name did not resolve
  UNIQUE (target_id, address)
) STRICT;

CREATE TABLE outcome (
  outcome_id INTEGER PRIMARY KEY,       -- enum tc_outcome
  name TEXT NOT NULL UNIQUE
) STRICT;

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

CREATE TABLE certificate_name (
  certificate_id INTEGER NOT NULL REFERENCES certificate ON DELETE CASCADE,
  kind TEXT NOT NULL,                   -- dns, ip, email, uri, xmpp, srv, directory, other
  name TEXT NOT NULL,
  PRIMARY KEY (certificate_id, kind, name)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE handshake_message (
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  position INTEGER NOT NULL,
  from_server INTEGER NOT NULL,
  type INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  offset_us INTEGER NOT NULL,           -- since the ClientHello was handed to the socket
  PRIMARY KEY (observation_id, position)
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
) STRICT;

CREATE TABLE finding_detail (           -- what a rule saw: most scans find again what the one before found
  detail_id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE finding_row (              -- findings as they are kept; the view `finding` has them with their text
  observation_id INTEGER NOT NULL REFERENCES observation ON DELETE CASCADE,
  rule_id INTEGER NOT NULL REFERENCES rule,
  severity INTEGER NOT NULL,
  detail_id INTEGER REFERENCES finding_detail,
  waived_until_s INTEGER,
  waiver_reason TEXT,
  PRIMARY KEY (observation_id, rule_id)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX observation_endpoint ON observation (endpoint_id, scan_id);
CREATE INDEX observation_leaf ON observation (leaf_id);
CREATE INDEX certificate_ca ON certificate (is_ca) WHERE is_ca = 1;
-- What rules look for is rare, so these stay small; a rule repeats the condition to be answered from one.
CREATE INDEX observation_untrusted ON observation (scan_id, trust_detail) WHERE trust_detail IS NOT NULL;
CREATE INDEX observation_misnamed ON observation (scan_id, name_match) WHERE name_match = 0;
CREATE INDEX certificate_must_staple ON certificate (must_staple) WHERE must_staple = 1;
CREATE INDEX certificate_small_key ON certificate (key_bits)
  WHERE key_type IN ('RSA', 'RSA-PSS') AND key_bits BETWEEN 1 AND 2047;
CREATE INDEX certificate_weak_signature ON certificate (signature)
  WHERE signature IN ('sha1WithRSAEncryption', 'md5WithRSAEncryption', 'md2WithRSAEncryption',
    'ecdsa-with-SHA1', 'dsa-with-sha1', 'rsassaPss-with-SHA1');
