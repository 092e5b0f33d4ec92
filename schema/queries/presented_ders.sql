-- Leaf first, as sent. Parameters: the leaf, the chain.
SELECT der FROM (
  SELECT 0 AS position, der FROM certificate WHERE certificate_id = ?1
  UNION ALL
  SELECT m.position, c.der FROM chain_certificate AS m JOIN certificate AS c USING (certificate_id) WHERE m.chain_id = ?2)
ORDER BY position;
