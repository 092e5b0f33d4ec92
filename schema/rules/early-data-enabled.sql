-- id: early-data-enabled
-- severity: low
-- title: Early data (0-RTT) is accepted
-- why: What a client sends in its first packet can be recorded and sent again by others; a request that changes
--   something is then done twice.
-- remedy: Switch early data off (nginx: ssl_early_data off), or let only idempotent requests through and answer
--   others with 425 Too Early.
-- source: RFC 8470, RFC 8446 section 8
SELECT o.observation_id, 'early data is accepted' || coalesce(', up to ' || f.value || ' bytes', '') AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 9 -- early_data
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1
