-- id: chain-invalid
-- severity: high
-- verdict: trust
-- title: Chain of certificates is not valid
-- why: A certificate of the chain breaks a rule that clients check (its signature, a constraint of its CA, its
--   purpose, or its encoding), so they refuse the whole chain.
-- remedy: Replace the certificate that is named here; for a private CA, correct its profile (CA flag, path length,
--   name constraints, key usage) and issue again.
-- source: RFC 5280 section 6.1
SELECT o.observation_id,
  printf('leaf %s: %s', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    coalesce(o.trust_text, CASE o.trust_detail WHEN 'bad-signature' THEN 'a signature does not verify'
      WHEN 'unparsable' THEN 'a certificate cannot be read' WHEN 'constraint' THEN 'a constraint is broken'
      ELSE 'not for servers' END)) AS detail
FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
WHERE o.scan_id = :scan_id AND o.trust_detail IN ('bad-signature', 'unparsable', 'constraint', 'purpose')
