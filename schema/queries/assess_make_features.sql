-- What a feature set means for the grade. Filled by assess_fill_features.sql, gone after assess_drop_features.sql.
DROP TABLE IF EXISTS temp.assess_feature;
CREATE TEMP TABLE assess_feature (
  feature_set_id INTEGER PRIMARY KEY,
  is_partial INTEGER NOT NULL,
  is_plus INTEGER NOT NULL
) STRICT;
