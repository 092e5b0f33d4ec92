-- id: chain-root-sent
-- severity: info
-- title: Root certificate is sent
-- why: Clients hold the roots that they trust, so a sent one is about a kilobyte of each handshake for nothing.
-- remedy: Remove the last, self-signed certificate from the chain file, then reload.
-- source: RFC 8446 section 4.4.2
--
-- A self-signed leaf is no sent root: cert-self-signed.
SELECT o.observation_id,
  printf('certificate %d of %d (%s)', p.position + 1, o.presented_depth,
    coalesce('CN=' || x.subject_cn, x.subject, 'without a name')) AS detail
FROM observation AS o
  JOIN chain_certificate AS p ON p.chain_id = o.presented_chain_id
  JOIN certificate AS x ON x.certificate_id = p.certificate_id
WHERE o.scan_id = :scan_id AND o.root_sent = 1 AND x.is_self_signed = 1 AND p.certificate_id <> o.leaf_id
ORDER BY o.observation_id, p.position
