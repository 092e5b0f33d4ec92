-- id: cert-renewal-due
-- severity: info
-- title: Certificate is due for renewal
-- why: Two thirds of its lifetime have passed (half for very short ones). Automatic renewal happens about now; if
--   nothing renews it, this is the time to notice.
-- remedy: Check that a renewal job exists and works (with certbot: systemctl list-timers, certbot renew --dry-run).
--   Nothing else is needed if it does.
-- source: tlscensus policy: thresholds that follow the lifetime
--
-- L is the lifetime, both dates included, R what remains: R < min(L/3, 30 days), or R < L/2 where L <= 10 days.
-- Left out where cert-expiring says it more urgently, and after the end.
SELECT observation_id,
  printf('leaf %s ends on %s, in %s (lifetime %d days)', name, date(not_after_s, 'unixepoch'),
    CASE WHEN remaining_s < 2 * 86400 THEN ((remaining_s - 1) / 3600) || ' h' ELSE ((remaining_s - 1) / 86400) || ' days' END,
    (lifetime_s + 86399) / 86400) AS detail
FROM (
  SELECT o.observation_id, leaf.not_after_s,
    coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name') AS name,
    leaf.not_after_s + 1 - leaf.not_before_s AS lifetime_s, leaf.not_after_s + 1 - :as_of_s AS remaining_s
  FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  WHERE o.scan_id = :scan_id AND coalesce(o.chain_not_after_s, 0) < :as_of_s + 30 * 86400)
WHERE remaining_s > 0
  AND CASE WHEN lifetime_s > 10 * 86400
    THEN 3 * remaining_s < lifetime_s AND remaining_s < 30 * 86400
      AND NOT (6 * remaining_s < lifetime_s AND remaining_s < 14 * 86400)
    ELSE 2 * remaining_s < lifetime_s AND 4 * remaining_s >= lifetime_s END
