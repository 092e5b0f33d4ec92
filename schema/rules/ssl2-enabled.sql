-- id: ssl2-enabled
-- severity: critical
-- title: SSL 2.0 is accepted
-- why: SSL 2.0 was broken in the 1990s. Whoever offers it with an RSA key endangers every other service that uses
--   the same key (DROWN).
-- remedy: Turn SSL 2.0 off everywhere this key is used (nginx ssl_protocols, Apache SSLProtocol -all +TLSv1.2
--   +TLSv1.3, Postfix smtpd_tls_protocols = >=TLSv1.2) and update the TLS library.
-- source: RFC 6176
--
-- Its suites have no findings of their own: they go with it.
WITH told AS MATERIALIZED (
  SELECT s.feature_set_id,
    coalesce('with ' || (SELECT group_concat(iif(nth <= 5, name, NULL), ', ')
        || iif(count(*) > 5, printf(' +%d more', count(*) - 5), '')
      FROM (SELECT u.name, row_number() OVER (ORDER BY u.rank IS NULL, u.rank, u.code) AS nth
        FROM accepted_suite AS u WHERE u.feature_set_id = s.feature_set_id AND u.version = 0x0002)),
      'with suites that are not known') AS detail
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code = 0x0002
  WHERE s.scan_id = :scan_id AND f.supported = 1)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
