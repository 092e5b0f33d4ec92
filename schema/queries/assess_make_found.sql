-- Findings of this run until all its rules have spoken, in the order in which they come; and what they saw. Equal details
-- have mostly one row; nothing depends on it.
DROP TABLE IF EXISTS temp.assess_found;
DROP TABLE IF EXISTS temp.assess_detail;
CREATE TEMP TABLE assess_found (
  rule_id INTEGER NOT NULL,
  observation_id INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  detail_id INTEGER,
  PRIMARY KEY (rule_id, observation_id)
) STRICT, WITHOUT ROWID;
CREATE TEMP TABLE assess_detail (
  detail_id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL,                 -- of the text
  text TEXT NOT NULL
) STRICT;
