INSERT INTO temp.broken_chain (leaf_id, presented_chain_id)
SELECT leaf_id, presented_chain_id FROM observation
WHERE scan_id = :scan_id AND trust_detail IN ('unknown-issuer', 'incomplete-chain') AND leaf_id IS NOT NULL
UNION
SELECT x.leaf_id, x.presented_chain_id
FROM other_chain AS x JOIN observation AS ob ON ob.observation_id = x.observation_id
WHERE x.trust_detail IN ('unknown-issuer', 'incomplete-chain') AND ob.scan_id = :scan_id;
