-- id: starttls-missing
-- severity: high
-- title: STARTTLS is not offered
-- why: Everything that is said to this service, passwords and mail included, travels in the clear, and a client
--   that insists on encryption cannot use it.
-- remedy: Offer STARTTLS (Postfix: smtpd_tls_security_level = may and a certificate; Dovecot: ssl = yes), or close
--   this port to the outside and offer implicit TLS (465, 993, 995).
-- source: RFC 3207, RFC 8314 section 4.1
--
-- High for mail, medium for all else. Only where the server's words say that there is none, or say no for good: one
-- that turned us away, or has no TLS just now (454), said nothing about it. Outcome and stage are the same for all of
-- these, so the words with which protocol/starttls_*.c tells them decide; words that are new there make no finding.
SELECT o.observation_id, printf('%s at port %d: %s', t.protocol, t.port, o.outcome_detail) AS detail,
  iif(t.protocol IN ('smtp', 'lmtp', 'imap', 'pop3', 'sieve'), 3, 2) AS severity
FROM observation AS o
  JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
WHERE o.scan_id = :scan_id AND o.outcome_id = (SELECT x.outcome_id FROM outcome AS x WHERE x.name = 'starttls-refused')
  AND (o.outcome_detail LIKE '%no STARTTLS in %' OR o.outcome_detail LIKE '%no STLS in %'
    OR o.outcome_detail LIKE '%no CLIENT_SSL among %' OR o.outcome_detail LIKE '%answer to STARTTLS is: 5%'
    OR o.outcome_detail LIKE '%answer to STLS is: -ERR%' OR o.outcome_detail LIKE '%answer to AUTH SSL is: 5%'
    OR o.outcome_detail LIKE '% is: N (no TLS)%' OR o.outcome_detail LIKE '%which has no TLS%'
    OR o.outcome_detail LIKE '%in which there is no STARTTLS%' OR o.outcome_detail LIKE '%RDP''s own security%')
