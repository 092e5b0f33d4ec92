-- Step 4: which leaves an endpoint has had. Scans are pruned; how its certificates followed each other stays.

CREATE TABLE endpoint_leaf (
  endpoint_id INTEGER NOT NULL REFERENCES endpoint,
  leaf_id INTEGER NOT NULL REFERENCES certificate,
  first_seen_s INTEGER NOT NULL,        -- start of the first scan that met it there
  last_seen_s INTEGER NOT NULL,         -- and of the last one
  PRIMARY KEY (endpoint_id, leaf_id)
) STRICT, WITHOUT ROWID;

INSERT INTO endpoint_leaf
SELECT ob.endpoint_id, ob.leaf_id, min(s.started_s), max(s.started_s)
FROM observation AS ob JOIN scan AS s ON s.scan_id = ob.scan_id
WHERE ob.leaf_id IS NOT NULL GROUP BY ob.endpoint_id, ob.leaf_id;
