DROP TABLE IF EXISTS temp.prune_scan;
DROP TABLE IF EXISTS temp.prune_kept;
DROP TABLE IF EXISTS temp.prune_stays;
