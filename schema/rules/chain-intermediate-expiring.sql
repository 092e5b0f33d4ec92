-- id: chain-intermediate-expiring
-- severity: medium
-- title: Intermediate certificate expires soon
-- why: When an intermediate ends, every certificate below it stops working, whatever their own dates say.
-- remedy: Install the CA's current intermediate (renewing the leaf usually brings it along), then reload.
-- source: tlscensus policy: thresholds that follow the lifetime
--
-- Intermediates of the verified path, leaf and anchor apart: within the threshold of cert-expiring, or ending before the
-- leaf does. What has expired is cert-expired. Where neither the path ends soon nor another than the leaf ends first, there
-- is nothing to look at.
SELECT observation_id,
  printf('intermediate %s (certificate %d of the path) ends on %s, in %s%s', name, position + 1, date(not_after_s, 'unixepoch'),
    CASE WHEN remaining_s < 2 * 86400 THEN ((remaining_s - 1) / 3600) || ' h' ELSE ((remaining_s - 1) / 86400) || ' days' END,
    iif(not_after_s < leaf_not_after_s, ', before the leaf (' || date(leaf_not_after_s, 'unixepoch') || ')', '')) AS detail
FROM (
  SELECT o.observation_id, m.position, x.not_after_s, leaf.not_after_s AS leaf_not_after_s,
    coalesce('CN=' || x.subject_cn, x.subject, 'without a name') AS name,
    x.not_after_s + 1 - x.not_before_s AS lifetime_s, x.not_after_s + 1 - :as_of_s AS remaining_s
  FROM observation AS o
    CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
    CROSS JOIN chain_certificate AS m ON m.chain_id = o.verified_chain_id AND m.position < o.verified_depth - 1
    CROSS JOIN certificate AS x ON x.certificate_id = m.certificate_id
  WHERE o.scan_id = :scan_id AND o.verified_depth > 2
    AND (o.chain_not_after_s < :as_of_s + 14 * 86400 OR o.chain_not_after_id IS NOT o.leaf_id))
WHERE remaining_s > 0
  AND (not_after_s < leaf_not_after_s
    OR CASE WHEN lifetime_s > 10 * 86400 THEN 6 * remaining_s < lifetime_s AND remaining_s < 14 * 86400
      ELSE 4 * remaining_s < lifetime_s END)
ORDER BY observation_id, position
