INSERT INTO scan (scan_uuid, profile, state, started_s, as_of_s, tool_version, options_json, trust_store,
  trust_store_sha256, shard)
VALUES (lower(:uuid), :profile, 'running', :started_s, :started_s, :tool_version, :options_json, :trust_store,
  :trust_store_sha256, :shard);
