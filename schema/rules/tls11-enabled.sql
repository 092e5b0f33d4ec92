-- id: tls11-enabled
-- severity: medium
-- title: TLS 1.1 is accepted
-- why: TLS 1.1 relies on MD5 and SHA-1 and knows no authenticated encryption; browsers dropped it in 2020. Whoever
--   must follow PCI DSS or NIST may not offer it.
-- remedy: Disable TLS 1.0 and 1.1 (nginx: ssl_protocols TLSv1.2 TLSv1.3; Apache: SSLProtocol -all +TLSv1.2
--   +TLSv1.3; Postfix: smtpd_tls_protocols = >=TLSv1.2).
-- source: RFC 8996
--
-- What the survey found; and what a handshake agreed on, which is proof as well.
WITH told AS MATERIALIZED (
  SELECT s.feature_set_id,
    coalesce('with ' || (SELECT group_concat(iif(nth <= 5, name, NULL), ', ')
        || iif(count(*) > 5, printf(' +%d more', count(*) - 5), '')
      FROM (SELECT u.name, row_number() OVER (ORDER BY u.rank IS NULL, u.rank, u.code) AS nth
        FROM accepted_suite AS u WHERE u.feature_set_id = s.feature_set_id AND u.version = 0x0302)),
      'with suites that are not known') AS detail
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code = 0x0302
  WHERE s.scan_id = :scan_id AND f.supported = 1)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
UNION ALL
SELECT o.observation_id, 'agreed on' || coalesce(', with ' || r.name, '')
FROM observation AS o LEFT JOIN registry_name AS r ON r.kind = 'cipher' AND r.code = o.cipher
WHERE o.scan_id = :scan_id AND o.tls_version = 0x0302
  AND NOT EXISTS (SELECT 1 FROM feature AS f WHERE f.feature_set_id = o.feature_set_id AND f.kind = 'version'
    AND f.version = 0 AND f.code = 0x0302 AND f.supported = 1)
