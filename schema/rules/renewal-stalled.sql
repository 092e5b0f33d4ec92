-- id: renewal-stalled
-- severity: low
-- title: Renewal is late by this server's own habit
-- why: Its certificates used to be renewed when more of their lifetime was left. What did so has probably stopped, and
--   nobody notices until the certificate ends.
-- remedy: Look at the renewal job's log (with certbot: systemctl list-timers, certbot renew --dry-run), and whether the
--   server was told to load the new certificate.
-- source: tlscensus policy: the server's own renewals, as earlier scans met them
--
-- The habit is the least share of the lifetime that was left at the last three renewals (view `renewal`); two at least
-- make one. It is broken when the leaf that is served has a twentieth of its lifetime less than that: timers jitter, and
-- scans meet a renewal late. Who ever renewed only after the end has no habit.
SELECT o.observation_id,
  printf('leaf %s has %d %% of its lifetime left (%s); the last %d renewals came with %s %% left, so the next was due by %s',
    coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'),
    100 * (leaf.not_after_s + 1 - :as_of_s) / (leaf.not_after_s + 1 - leaf.not_before_s),
    CASE WHEN leaf.not_after_s + 1 - :as_of_s < 2 * 86400 THEN ((leaf.not_after_s - :as_of_s) / 3600) || ' h'
      ELSE ((leaf.not_after_s - :as_of_s) / 86400) || ' days' END,
    h.renewals, h.shares_left, date(leaf.not_after_s + 1 - h.least_left * (leaf.not_after_s + 1 - leaf.not_before_s),
      'unixepoch')) AS detail
FROM renewal_habit AS h
  JOIN observation AS o ON o.endpoint_id = h.endpoint_id AND o.scan_id = :scan_id
  JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
WHERE h.renewals >= 2 AND h.least_left > 0
  AND leaf.not_after_s >= :as_of_s AND leaf.not_before_s < leaf.not_after_s
  AND (leaf.not_after_s + 1 - :as_of_s) < (h.least_left - 0.05) * (leaf.not_after_s + 1 - leaf.not_before_s)
