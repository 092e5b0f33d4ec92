-- What a feature set means for the grade. Filled by assess_fill_sets.sql, gone after assess_drop_sets.sql.
DROP TABLE IF EXISTS temp.assess_set;
CREATE TEMP TABLE assess_set (
  feature_set_id INTEGER PRIMARY KEY,
  is_partial INTEGER NOT NULL,
  is_plus INTEGER NOT NULL
) STRICT;
