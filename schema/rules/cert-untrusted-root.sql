-- id: cert-untrusted-root
-- severity: high
-- verdict: trust
-- title: Certificate comes from a CA that is not trusted
-- why: The chain does not end at a root that the trust store holds, so clients refuse it unless somebody installed
--   that root on them.
-- remedy: Change to a public CA; or, for a private CA, distribute its root to all clients and give it to this scan
--   with --ca-file.
-- source: RFC 5280 section 6.1.1, with the trust store of the scan
--
-- untrusted-root: the chain ends in a root that was sent and that the store lacks. unknown-issuer: nobody has the issuer.
SELECT o.observation_id,
  printf('leaf %s: %s', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    coalesce(o.trust_text, 'issuer ' || coalesce('CN=' || leaf.issuer_cn, leaf.issuer) || ' is not trusted', o.trust_detail)) AS detail
FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
WHERE o.scan_id = :scan_id AND o.trust_detail IN ('untrusted-root', 'unknown-issuer')
