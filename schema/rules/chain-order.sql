-- id: chain-order
-- severity: low
-- title: Chain is sent in the wrong order
-- why: Each certificate should be followed by its issuer. Up to TLS 1.2 this is required, and some clients give up
--   instead of sorting.
-- remedy: Put the leaf first, then its issuer, then the issuer's issuer, in the chain file, and reload the server.
-- source: RFC 5246 section 7.4.2
--
-- An incomplete chain has that status whatever its order, so there the order is looked at again: the run of issuers
-- from the leaf on is shorter than the number of sent certificates that belong to the path.
SELECT o.observation_id,
  printf('certificate %d of %d (%s) does not follow what it issued', o.presented_chain_len + 1, o.presented_depth,
    coalesce((SELECT coalesce('CN=' || x.subject_cn, x.subject, 'without a name')
      FROM chain_certificate AS p JOIN certificate AS x USING (certificate_id)
      WHERE p.chain_id = o.presented_chain_id AND p.position = o.presented_chain_len), 'without a name')) AS detail
FROM observation AS o
WHERE o.scan_id = :scan_id
  AND (o.chain_status = 'out-of-order'
    OR o.chain_status = 'incomplete' AND o.presented_chain_len < 1 + (
      SELECT count(DISTINCT p.certificate_id)
      FROM chain_certificate AS p JOIN chain_certificate AS v ON v.certificate_id = p.certificate_id
      WHERE p.chain_id = o.presented_chain_id AND v.chain_id = o.verified_chain_id))
