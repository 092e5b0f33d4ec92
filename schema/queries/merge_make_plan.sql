-- Which numbers the scans of all files get: those that are new, in the order of time, whatever the order of the files.
DROP TABLE IF EXISTS temp.merge_plan;
CREATE TEMP TABLE merge_plan (
  scan_uuid TEXT PRIMARY KEY,
  started_s INTEGER NOT NULL,           -- of the first of its shards
  scan_id INTEGER                       -- NULL until all files are looked at
) STRICT, WITHOUT ROWID;
