-- What prune decides on, gone after prune_drop.sql: every scan in the order of time, and whether it goes; what the scans
-- that stay saw; the observations of the others that stay for a reason of their own (schema/prune/1*.sql).
DROP TABLE IF EXISTS temp.prune_scan;
DROP TABLE IF EXISTS temp.prune_kept;
DROP TABLE IF EXISTS temp.prune_stays;
CREATE TEMP TABLE prune_scan (
  scan_id INTEGER PRIMARY KEY,
  place INTEGER NOT NULL,
  goes INTEGER NOT NULL
) STRICT;
CREATE TEMP TABLE prune_kept (          -- scans are mostly alike: a row or two for each endpoint
  endpoint_id INTEGER NOT NULL,
  answers INTEGER NOT NULL,
  finding_set_id INTEGER,
  leaf_id INTEGER,
  presented_chain_id INTEGER,
  verified_chain_id INTEGER
) STRICT;
CREATE TEMP TABLE prune_stays (
  observation_id INTEGER PRIMARY KEY
) STRICT;
