-- What a comparison works with, all of it temporary. `change` stands before the table of that name in the file: what
-- reads it sees this comparison, while there is one.
DROP TABLE IF EXISTS temp.change;
CREATE TEMP TABLE change (
  scan_id INTEGER NOT NULL,
  endpoint_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  field TEXT NOT NULL,
  previous_scan_id INTEGER NOT NULL,
  before TEXT,
  after TEXT,
  severity INTEGER NOT NULL,
  PRIMARY KEY (scan_id, endpoint_id, kind, field)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE past (        -- the scan, and the finished ones before it
  ordinal INTEGER PRIMARY KEY,  -- 0 the scan itself, 1 the one that it is compared with, 2 the one before that, …
  scan_id INTEGER NOT NULL UNIQUE,
  is_done INTEGER NOT NULL,
  depth INTEGER NOT NULL,       -- of its profile: 0 quick, 1 standard, 2 deep
  is_mixed INTEGER NOT NULL,    -- targets of it have a profile of their own
  asks_ipv4 INTEGER NOT NULL,
  asks_ipv6 INTEGER NOT NULL,
  asks_all INTEGER NOT NULL,    -- every address of a name
  list TEXT,                    -- the files that it read its targets from, and its groups; NULL: the command line alone
  is_small INTEGER NOT NULL,    -- not half as many targets as the new one: somebody looked at a few hosts
  nearness INTEGER NOT NULL DEFAULT 0   -- 2: subjects are found by it, 1: but not by what surveys find, 0: it is looked back to
) STRICT;

CREATE TEMP TABLE rule_key (    -- which rules a finding set has, whatever their details say
  finding_set_id INTEGER PRIMARY KEY,
  rules TEXT NOT NULL,
  plain TEXT NOT NULL           -- those of them that ask nothing that a survey finds
) STRICT;

CREATE TEMP TABLE subject (     -- endpoints of the scan that look otherwise than before: the only ones looked at closely
  endpoint_id INTEGER PRIMARY KEY,
  target_id INTEGER NOT NULL,
  observation_id INTEGER NOT NULL,
  previous_scan_id INTEGER NOT NULL
) STRICT;
CREATE INDEX temp.subject_target ON subject (target_id);

CREATE TEMP TABLE seen (        -- what was seen of each subject, scan by scan: what said nothing of it has no row
  endpoint_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  observation_id INTEGER NOT NULL,
  answered INTEGER NOT NULL,    -- a certificate was seen, or the handshake ended well
  name_failed INTEGER NOT NULL, -- it did not come to the endpoint: the name gave no address
  outcome_id INTEGER NOT NULL,  -- what follows is observation's: read once here, where it lies together
  leaf_id INTEGER,
  presented_chain_id INTEGER,
  trusted INTEGER,
  trust_detail TEXT,
  name_match INTEGER,
  tls_version INTEGER,
  cipher INTEGER,
  kx_group INTEGER,
  feature_set_id INTEGER,
  finding_set_id INTEGER,
  grade TEXT,
  grade_partial INTEGER,
  depth INTEGER NOT NULL,       -- of the target's profile in that scan
  PRIMARY KEY (endpoint_id, ordinal, observation_id)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE place (       -- the addresses of targets that may have moved, scan by scan
  target_id INTEGER NOT NULL,
  ordinal INTEGER NOT NULL,
  endpoint_id INTEGER NOT NULL,
  PRIMARY KEY (target_id, ordinal, endpoint_id)
) STRICT, WITHOUT ROWID;

CREATE TEMP TABLE new_leaf (    -- certificates that their endpoint had not shown, each beside the one that it follows
  endpoint_id INTEGER PRIMARY KEY,
  old_id INTEGER NOT NULL,
  new_id INTEGER NOT NULL,
  same_key INTEGER NOT NULL,
  same_names INTEGER NOT NULL,
  same_issuer INTEGER NOT NULL,
  same_policy INTEGER NOT NULL  -- type and size of the key
) STRICT;
