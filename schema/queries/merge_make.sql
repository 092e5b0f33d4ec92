-- What one file needs: the scans that are taken from it, what the database had before, and which of its rows is which of
-- the shard's. Gone after merge_drop.sql.
CREATE TEMP TABLE merge_scan (
  old_id INTEGER PRIMARY KEY,
  new_id INTEGER NOT NULL,
  joins INTEGER NOT NULL,               -- to a scan that is there
  is_whole INTEGER NOT NULL,
  is_first INTEGER NOT NULL,            -- joins, and has a lower number than all shards that are there
  shard TEXT NOT NULL,                  -- these as the scan has them afterwards
  vantage TEXT NOT NULL,
  notices TEXT NOT NULL
) STRICT;
CREATE TEMP TABLE merge_mark (          -- the highest number of each table: what is above it is new
  name TEXT PRIMARY KEY,
  id INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO temp.merge_mark (name, id)
SELECT 'label_set', coalesce(max(label_set_id), 0) FROM main.label_set
UNION ALL SELECT 'certificate', coalesce(max(certificate_id), 0) FROM main.certificate
UNION ALL SELECT 'chain', coalesce(max(chain_id), 0) FROM main.chain
UNION ALL SELECT 'feature_set', coalesce(max(feature_set_id), 0) FROM main.feature_set
UNION ALL SELECT 'observation', coalesce(max(observation_id), 0) FROM main.observation;
CREATE TEMP TABLE map_label_set (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_target (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_endpoint (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_certificate_url (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_certificate (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_chain (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_cname_chain (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_feature_set (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_rule (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
CREATE TEMP TABLE map_observation (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT;
