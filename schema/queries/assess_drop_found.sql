DROP TABLE IF EXISTS temp.assess_found;
