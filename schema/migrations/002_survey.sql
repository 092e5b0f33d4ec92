-- Step 2: what a survey finds. Units and booleans as in step 1; 1 yes, 0 no, NULL not measured.

DROP TABLE feature;                     -- step 1 reserved it, and nothing filled it

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

ALTER TABLE observation ADD COLUMN
  starttls_leftover_bytes INTEGER;      -- in the clear behind the server's go to TLS; NULL where there was no go

-- Findings of step 1 were a row for each endpoint and rule. Like endpoints have like findings, and have them again in the
-- next scan, so a set of them is kept once.

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

ALTER TABLE observation ADD COLUMN
  finding_set_id INTEGER REFERENCES finding_set;   -- NULL where no rule matched, or none was run

INSERT INTO finding_set (finding_set_id, scan_id)
SELECT DISTINCT f.observation_id, o.scan_id
FROM finding_row AS f JOIN observation AS o ON o.observation_id = f.observation_id;
INSERT INTO finding_set_row (finding_set_id, rule_id, severity, detail_id)
SELECT observation_id, rule_id, severity, detail_id FROM finding_row;
INSERT INTO finding_waiver (observation_id, rule_id, until_s, reason)
SELECT observation_id, rule_id, waived_until_s, waiver_reason FROM finding_row WHERE waived_until_s IS NOT NULL;
UPDATE observation SET finding_set_id = observation_id
WHERE observation_id IN (SELECT s.finding_set_id FROM finding_set AS s);
DROP TABLE finding_row;

-- Properties of code points, kept as registry_name is: renewed by every program that writes here.

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

CREATE TABLE tls_group (
  code INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,                   -- ec, ffdhe, pq, pq-hybrid, arbitrary
  bits INTEGER NOT NULL,                -- of curve or modulus, of a hybrid's curve; 0 where there is neither
  is_post_quantum INTEGER NOT NULL,     -- alone or as a hybrid
  is_draft INTEGER NOT NULL,            -- never registered for use
  is_weak INTEGER NOT NULL              -- a curve under 224 bits, a modulus under 2,048
) STRICT;

CREATE TABLE scheme (
  code INTEGER PRIMARY KEY,
  auth TEXT NOT NULL,                   -- the kind of key that it needs, as in suite
  hash TEXT NOT NULL,                   -- SHA256, …, intrinsic
  is_sha1_or_md5 INTEGER NOT NULL
) STRICT;

-- Like servers share a feature set: rules judge each set once, and find its endpoints here.
CREATE INDEX observation_feature_set ON observation (scan_id, feature_set_id) WHERE feature_set_id IS NOT NULL;
-- What is judged again when a scan closes is rare, so this stays small.
CREATE INDEX other_chain_untrusted ON other_chain (leaf_id) WHERE trust_detail IS NOT NULL;
