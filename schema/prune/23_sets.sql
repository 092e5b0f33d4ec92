-- Sets that no observation has: what a survey found, what rules found, names on the way to an address.
DELETE FROM feature_set
WHERE feature_set_id NOT IN (SELECT o.feature_set_id FROM observation AS o WHERE o.feature_set_id IS NOT NULL);
DELETE FROM feature WHERE feature_set_id NOT IN (SELECT s.feature_set_id FROM feature_set AS s);
DELETE FROM finding_set
WHERE finding_set_id NOT IN (SELECT o.finding_set_id FROM observation AS o WHERE o.finding_set_id IS NOT NULL);
DELETE FROM finding_set_row WHERE finding_set_id NOT IN (SELECT s.finding_set_id FROM finding_set AS s);
DELETE FROM finding_detail
WHERE detail_id NOT IN (SELECT r.detail_id FROM finding_set_row AS r WHERE r.detail_id IS NOT NULL);
DELETE FROM cname_chain
WHERE cname_chain_id NOT IN (SELECT o.cname_chain_id FROM observation AS o WHERE o.cname_chain_id IS NOT NULL);
