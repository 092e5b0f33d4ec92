-- What prune decides on, gone after prune_drop.sql: every scan in the order of time, and whether it goes; the endpoints of
-- the scans that stay; the observations of the others that stay for a reason of their own (schema/prune/1*.sql).
DROP TABLE IF EXISTS temp.prune_scan;
DROP TABLE IF EXISTS temp.prune_endpoint;
DROP TABLE IF EXISTS temp.prune_stays;
CREATE TEMP TABLE prune_scan (
  scan_id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  goes INTEGER NOT NULL
) STRICT;
CREATE TEMP TABLE prune_endpoint (
  endpoint_id INTEGER PRIMARY KEY,
  answers INTEGER NOT NULL              -- in all of these scans
) STRICT;
CREATE TEMP TABLE prune_stays (
  observation_id INTEGER PRIMARY KEY
) STRICT;
