INSERT INTO temp.prune_kept (endpoint_id, answers, finding_set_id, leaf_id, presented_chain_id, verified_chain_id)
SELECT DISTINCT o.endpoint_id, o.outcome_id IN (0, 18), o.finding_set_id, o.leaf_id, o.presented_chain_id, o.verified_chain_id
FROM temp.prune_scan AS p CROSS JOIN observation AS o ON o.scan_id = p.scan_id
WHERE p.goes = 0;
