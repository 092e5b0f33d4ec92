-- The newest observation in the file; 0 where there is none.
SELECT coalesce(max(observation_id), 0) FROM observation;
