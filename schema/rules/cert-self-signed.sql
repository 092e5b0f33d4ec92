-- id: cert-self-signed
-- severity: high
-- verdict: trust
-- title: Certificate is self-signed
-- why: Nobody but the server itself vouches for this certificate, so clients cannot tell it from an impostor's and
--   warn.
-- remedy: Get a certificate from a public CA (free of charge by ACME: certbot -d NAME), or from a private CA whose
--   root is installed on all clients.
-- source: CA/Browser Forum TLS Baseline Requirements section 7.1.2.7
SELECT o.observation_id,
  printf('leaf %s, signed by itself, valid until %s', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    coalesce(date(leaf.not_after_s, 'unixepoch'), 'an unknown date')) AS detail
FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
WHERE o.scan_id = :scan_id AND o.trust_detail = 'self-signed'
