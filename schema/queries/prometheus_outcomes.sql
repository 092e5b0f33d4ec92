-- How the talks of :scan_id ended; an outcome that nobody had is 0.
SELECT o.name AS outcome, coalesce(m.endpoints, 0) AS value
FROM outcome AS o
  LEFT JOIN (SELECT outcome_id, count(*) AS endpoints FROM observation WHERE scan_id = :scan_id GROUP BY outcome_id) AS m
    ON m.outcome_id = o.outcome_id
ORDER BY o.outcome_id;
