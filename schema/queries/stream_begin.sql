-- The last observation of before: what a stream sends comes behind it.
SELECT coalesce(max(observation_id), 0) FROM observation;
