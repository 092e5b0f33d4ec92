-- A leaf whose bytes were pruned cannot be judged again: its verdict stands.
WITH broken AS (
SELECT leaf_id, presented_chain_id FROM observation
WHERE scan_id = :scan_id AND trust_detail IN ('unknown-issuer', 'incomplete-chain') AND leaf_id IS NOT NULL
UNION
SELECT x.leaf_id, x.presented_chain_id
FROM other_chain AS x JOIN observation AS ob ON ob.observation_id = x.observation_id
WHERE x.trust_detail IN ('unknown-issuer', 'incomplete-chain') AND ob.scan_id = :scan_id)
INSERT INTO temp.broken_chain (leaf_id, presented_chain_id)
SELECT b.leaf_id, b.presented_chain_id
FROM broken AS b JOIN certificate AS c ON c.certificate_id = b.leaf_id WHERE c.der IS NOT NULL;
