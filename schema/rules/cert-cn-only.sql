-- id: cert-cn-only
-- severity: high
-- verdict: trust
-- title: Name is only in the certificate's common name
-- why: The name stands only in the old common-name field. Today's browsers and libraries read the subject
--   alternative names alone and refuse this certificate; only very old programs accept it.
-- remedy: Reissue with every name in the subject alternative names (openssl req -addext "subjectAltName=DNS:NAME").
-- source: RFC 9525 section 6.2
--
-- Programs that still read the common name do so only where there is no DNS name (RFC 2818 section 3.1);
-- with one the certificate is simply for another name: cert-name-mismatch.
SELECT o.observation_id,
  printf('asked for %s, which is only the common name of leaf CN=%s', iif(t.sni = '', t.host, t.sni), leaf.subject_cn) AS detail
FROM observation AS o
  JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
WHERE o.scan_id = :scan_id AND o.name_match = 0 AND o.cn_match = 1
  AND NOT EXISTS (SELECT 1 FROM certificate_name AS n WHERE n.certificate_id = o.leaf_id AND n.kind = 'dns')
