INSERT INTO temp.broken_chain (leaf_id, presented_chain_id)
SELECT DISTINCT leaf_id, presented_chain_id FROM observation
WHERE scan_id = :scan_id AND trust_detail IN ('unknown-issuer', 'incomplete-chain') AND leaf_id IS NOT NULL;
