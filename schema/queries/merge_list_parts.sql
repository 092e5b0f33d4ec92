-- Scans that are together from parts, or not yet; a shard's own row names its part among its options.
SELECT scan_id, shard, started_s, trust_store_sha256 FROM scan
WHERE shard <> '1/1' AND CASE WHEN json_valid(options_json) THEN json_extract(options_json, '$.shard') END IS NULL
ORDER BY scan_id;
