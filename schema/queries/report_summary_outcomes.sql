-- How the talks of :scan_id ended in which no certificate was seen, the most frequent first.
SELECT o.name AS outcome, count(*) AS endpoints
FROM observation AS ob JOIN outcome AS o USING (outcome_id)
WHERE ob.scan_id = :scan_id AND ob.outcome_id NOT IN (0, 18) AND ob.leaf_id IS NULL
GROUP BY o.outcome_id ORDER BY endpoints DESC, o.name;
