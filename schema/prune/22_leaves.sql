-- A habit of renewal is known by an endpoint's last leaves: six stay. Of a leaf that is there for this alone the bytes go.
DELETE FROM endpoint_leaf
WHERE NOT EXISTS (SELECT 1 FROM observation AS o WHERE o.endpoint_id = endpoint_leaf.endpoint_id)
  OR (endpoint_id, leaf_id) IN (
    SELECT n.endpoint_id, n.leaf_id FROM (
      SELECT l.endpoint_id, l.leaf_id,
        row_number() OVER (PARTITION BY l.endpoint_id ORDER BY l.last_seen_s DESC, l.leaf_id DESC) AS number
      FROM endpoint_leaf AS l) AS n
    WHERE n.number > 6);
UPDATE certificate SET der = NULL
WHERE der IS NOT NULL AND parse_error IS NULL AND certificate_id IN (SELECT l.leaf_id FROM endpoint_leaf AS l)
  AND certificate_id NOT IN (
    SELECT o.leaf_id FROM observation AS o WHERE o.leaf_id IS NOT NULL
    UNION ALL SELECT o.chain_not_after_id FROM observation AS o WHERE o.chain_not_after_id IS NOT NULL
    UNION ALL SELECT x.leaf_id FROM other_chain AS x
    UNION ALL SELECT m.certificate_id FROM chain_certificate AS m);
