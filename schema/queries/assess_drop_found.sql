DROP TABLE IF EXISTS temp.assess_found;
DROP TABLE IF EXISTS temp.assess_detail;
