DROP TABLE IF EXISTS temp.assess_bundle;
