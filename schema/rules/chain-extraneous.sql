-- id: chain-extraneous
-- severity: info
-- title: Certificates are sent that are not needed
-- why: They cost every client bytes in each handshake and confuse whoever looks for a fault. Often they are left
--   over from an earlier certificate or CA; a cross-signed root may be there on purpose, for old clients.
-- remedy: Keep in the chain file only the leaf and the intermediates that lead to the root, then reload.
-- source: RFC 8446 section 4.4.2
--
-- Not on the verified path, not a root (chain-root-sent); what is there twice is counted apart.
SELECT o.observation_id,
  coalesce((SELECT 'not needed: ' || group_concat(name, ', ') FROM (
      SELECT coalesce('CN=' || x.subject_cn, x.subject, 'without a name') || ' (certificate ' || (p.position + 1) || ')' AS name
      FROM chain_certificate AS p JOIN certificate AS x USING (certificate_id)
      WHERE p.chain_id = o.presented_chain_id AND o.verified_depth IS NOT NULL AND o.extraneous_count > 0
        AND p.certificate_id <> o.leaf_id AND x.is_self_signed IS NOT 1
        AND NOT EXISTS (SELECT 1 FROM chain_certificate AS v
          WHERE v.chain_id = o.verified_chain_id AND v.certificate_id = p.certificate_id)
      ORDER BY p.position)) || iif(o.duplicates_count > 0, '; ', ''),
    iif(o.extraneous_count > 0, 'not needed: ' || o.extraneous_count || iif(o.duplicates_count > 0, '; ', ''), ''))
    || iif(o.duplicates_count > 0, 'sent more than once: ' || o.duplicates_count, '')
    || '; sent: ' || o.presented_depth AS detail
FROM observation AS o
WHERE o.scan_id = :scan_id AND (o.extraneous_count > 0 OR o.duplicates_count > 0)
