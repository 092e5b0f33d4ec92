-- Chains that nobody sends any more, then certificates that are nobody's leaf and were not lately, in no chain, and not the
-- first on a path to expire.
DELETE FROM chain WHERE chain_id NOT IN (
  SELECT o.presented_chain_id FROM observation AS o WHERE o.presented_chain_id IS NOT NULL
  UNION ALL SELECT o.verified_chain_id FROM observation AS o WHERE o.verified_chain_id IS NOT NULL
  UNION ALL SELECT x.presented_chain_id FROM other_chain AS x WHERE x.presented_chain_id IS NOT NULL
  UNION ALL SELECT x.verified_chain_id FROM other_chain AS x WHERE x.verified_chain_id IS NOT NULL);
DELETE FROM chain_certificate WHERE chain_id NOT IN (SELECT c.chain_id FROM chain AS c);
DELETE FROM certificate WHERE certificate_id NOT IN (
  SELECT o.leaf_id FROM observation AS o WHERE o.leaf_id IS NOT NULL
  UNION ALL SELECT o.chain_not_after_id FROM observation AS o WHERE o.chain_not_after_id IS NOT NULL
  UNION ALL SELECT x.leaf_id FROM other_chain AS x
  UNION ALL SELECT l.leaf_id FROM endpoint_leaf AS l
  UNION ALL SELECT m.certificate_id FROM chain_certificate AS m);
DELETE FROM certificate_name WHERE certificate_id NOT IN (SELECT c.certificate_id FROM certificate AS c);
DELETE FROM certificate_url WHERE certificate_url_id NOT IN (
  SELECT c.certificate_url_id FROM certificate AS c WHERE c.certificate_url_id IS NOT NULL);
