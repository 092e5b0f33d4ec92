-- id: cert-expiring
-- severity: medium
-- title: Certificate expires soon
-- why: Little of its lifetime is left, so the renewal that should have happened by now did not. When it ends,
--   clients refuse the service.
-- remedy: Renew before the date shown, then find out why the automatic renewal did not run (with certbot: systemctl
--   list-timers, certbot renew --dry-run).
-- source: tlscensus policy: thresholds that follow the lifetime
--
-- Thresholds follow the certificate's own lifetime L, both dates included; R is what remains.
--   L > 10 days:  medium when R < min(L/6, 14 days), high when R < min(L/12, 3 days)
--   L <= 10 days: medium when R < L/4,               high when R < L/8
-- Milder stages (cert-renewal-due) and what has expired (cert-expired) are left to their own rules.
SELECT observation_id,
  printf('leaf %s ends on %s, in %s (lifetime %d days)', name, date(not_after_s, 'unixepoch'),
    CASE WHEN remaining_s < 2 * 86400 THEN ((remaining_s - 1) / 3600) || ' h' ELSE ((remaining_s - 1) / 86400) || ' days' END,
    (lifetime_s + 86399) / 86400) AS detail,
  CASE WHEN lifetime_s > 10 * 86400 THEN 2 + (12 * remaining_s < lifetime_s AND remaining_s < 3 * 86400)
    ELSE 2 + (8 * remaining_s < lifetime_s) END AS severity
FROM (
  SELECT o.observation_id, leaf.not_after_s,
    coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name') AS name,
    leaf.not_after_s + 1 - leaf.not_before_s AS lifetime_s, leaf.not_after_s + 1 - :as_of_s AS remaining_s
  FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  WHERE o.scan_id = :scan_id AND coalesce(o.chain_not_after_s, 0) < :as_of_s + 14 * 86400)
WHERE remaining_s > 0
  AND CASE WHEN lifetime_s > 10 * 86400 THEN 6 * remaining_s < lifetime_s AND remaining_s < 14 * 86400
    ELSE 4 * remaining_s < lifetime_s END
