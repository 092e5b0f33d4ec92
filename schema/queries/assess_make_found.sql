-- Findings of this run until all its rules have spoken.
DROP TABLE IF EXISTS temp.assess_found;
CREATE TEMP TABLE assess_found (
  observation_id INTEGER NOT NULL,
  rule_id INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  detail TEXT,
  PRIMARY KEY (observation_id, rule_id)
) STRICT, WITHOUT ROWID;
