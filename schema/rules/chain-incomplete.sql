-- id: chain-incomplete
-- severity: medium
-- title: Intermediate certificate is not sent
-- why: The server leaves out a certificate between its own and the root. Browsers often fill the gap from memory,
--   while apps, scripts, mail servers and first-time visitors fail.
-- remedy: Install the full chain (nginx: ssl_certificate fullchain.pem; Apache: SSLCertificateFile with the
--   intermediates appended), then reload.
-- source: RFC 8446 section 4.4.2
--
-- What is missing: members of the verified path that were not sent, the anchor (its last) apart.
SELECT o.observation_id,
  coalesce((SELECT 'not sent: ' || group_concat(name, ', ') FROM (
      SELECT coalesce('CN=' || x.subject_cn, x.subject, 'without a name') || ' (certificate ' || (v.position + 1) || ' of the path)' AS name
      FROM chain_certificate AS v JOIN certificate AS x USING (certificate_id)
      WHERE v.chain_id = o.verified_chain_id AND v.position < o.verified_depth - 1
        AND NOT EXISTS (SELECT 1 FROM chain_certificate AS p
          WHERE p.chain_id = o.presented_chain_id AND p.certificate_id = v.certificate_id)
      ORDER BY v.position)),
    'not sent: an issuer of ' || coalesce('CN=' || leaf.subject_cn, leaf.subject, 'a leaf without a name'))
    || '; sent: ' || coalesce(o.presented_depth, 1) AS detail
FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
WHERE o.scan_id = :scan_id AND o.chain_status = 'incomplete'
