-- Which finding set an observation has now. Filled by tc_finding_sets_bundle(), gone after assess_drop_bundles.sql.
DROP TABLE IF EXISTS temp.assess_bundle;
CREATE TEMP TABLE assess_bundle (
  observation_id INTEGER PRIMARY KEY,
  finding_set_id INTEGER NOT NULL
) STRICT;
