-- Step 3: what changed between scans, by meaning. Units and booleans as in step 1.

DROP TABLE change;                      -- step 1 reserved it, and nothing filled it

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

ALTER TABLE scan ADD COLUMN
  compared_scan_id INTEGER;             -- the finished scan before it; NULL where there was none, or it did not finish
ALTER TABLE scan ADD COLUMN
  confirm_after INTEGER NOT NULL DEFAULT 2;   -- scans in a row that must have seen a loss before it is told

-- What a finding's absence means depends on whether its rule was run, and whether it could see.
ALTER TABLE rule ADD COLUMN
  first_scan_id INTEGER;                -- the first scan that was judged with it; NULL: step 2 had it already
ALTER TABLE rule ADD COLUMN
  last_scan_id INTEGER;                 -- the last one
ALTER TABLE rule ADD COLUMN
  reads_survey INTEGER NOT NULL DEFAULT 0;    -- whether it asks what a survey found
