-- id: ticket-lifetime-long
-- severity: low
-- title: Session tickets live long
-- why: Whoever gets the key that encrypts tickets can read all sessions that were resumed with them; the longer
--   they live, the more that is.
-- remedy: Keep tickets under a day and rotate their keys (nginx: ssl_session_timeout; Apache:
--   SSLSessionCacheTimeout, and change SSLSessionTicketKeyFile daily).
-- source: RFC 8446 section 4.6.1, RFC 9325 section 3.4
--
-- Longer than a day.
SELECT o.observation_id, printf('tickets are valid for %s (%d s)',
    iif(f.value < 2 * 86400, printf('%d h', f.value / 3600), printf('%d days', f.value / 86400)), f.value) AS detail
FROM scan_feature_set AS s
  CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait' AND f.code = 5 -- session_ticket
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = s.feature_set_id
WHERE s.scan_id = :scan_id AND f.supported = 1 AND f.value > 86400
