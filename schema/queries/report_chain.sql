-- What follows the leaf in the chain :chain_id, in its order.
SELECT c.sha256 FROM chain_certificate AS m JOIN certificate AS c USING (certificate_id)
WHERE m.chain_id = :chain_id ORDER BY m.position;
