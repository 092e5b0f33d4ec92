-- What a finding of a rule with a severity does to the grade: 0 nothing, 1 A-, 2 B, 3 C, 4 F, 5 M, 6 T.
CREATE TEMP TABLE assess_cap (
  rule_id INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  PRIMARY KEY (rule_id, severity)
) STRICT, WITHOUT ROWID;
