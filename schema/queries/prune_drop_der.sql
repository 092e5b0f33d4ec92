-- The bytes of leaves that no endpoint has shown since :since_s; what was read from them stays. Members of a chain keep
-- theirs: they may complete another's path. So does what could not be read: there the bytes are all there is.
UPDATE certificate SET der = NULL
WHERE der IS NOT NULL AND is_ca IS NOT 1 AND parse_error IS NULL
  AND certificate_id NOT IN (SELECT m.certificate_id FROM chain_certificate AS m)
  AND certificate_id NOT IN (SELECT o.leaf_id FROM observation AS o WHERE o.observed_s >= :since_s AND o.leaf_id IS NOT NULL)
  AND certificate_id NOT IN (SELECT x.leaf_id FROM other_chain AS x JOIN observation AS o USING (observation_id)
    WHERE o.observed_s >= :since_s);
