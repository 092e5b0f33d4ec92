DROP TABLE IF EXISTS temp.prune_scan;
DROP TABLE IF EXISTS temp.prune_endpoint;
DROP TABLE IF EXISTS temp.prune_stays;
