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
WITH ending AS MATERIALIZED (
  SELECT m.chain_id, m.position, x.not_after_s, coalesce('CN=' || x.subject_cn, x.subject, 'without a name') AS name,
    CASE WHEN x.not_after_s + 1 - x.not_before_s > 10 * 86400
      THEN 6 * (x.not_after_s + 1 - :as_of_s) < x.not_after_s + 1 - x.not_before_s
        AND x.not_after_s + 1 - :as_of_s < 14 * 86400
      ELSE 4 * (x.not_after_s + 1 - :as_of_s) < x.not_after_s + 1 - x.not_before_s END AS is_soon
  FROM chain_certificate AS m JOIN certificate AS x USING (certificate_id)
  WHERE x.not_after_s >= :as_of_s)
SELECT o.observation_id,
  printf('intermediate %s (position %d) ends on %s, in %s%s', ending.name, ending.position,
    date(ending.not_after_s, 'unixepoch'),
    CASE WHEN ending.not_after_s + 1 - :as_of_s < 2 * 86400 THEN ((ending.not_after_s + 1 - :as_of_s) / 3600) || ' h'
      ELSE ((ending.not_after_s + 1 - :as_of_s) / 86400) || ' days' END,
    iif(ending.not_after_s < leaf.not_after_s, ', before the leaf (' || date(leaf.not_after_s, 'unixepoch') || ')', '')) AS detail
FROM observation AS o
  CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  CROSS JOIN ending ON ending.chain_id = o.verified_chain_id AND ending.position < o.verified_depth - 1
WHERE o.scan_id = :scan_id AND o.verified_depth > 2
  AND (o.chain_not_after_s < :as_of_s + 14 * 86400 OR o.chain_not_after_id IS NOT o.leaf_id)
  AND (ending.is_soon OR ending.not_after_s < leaf.not_after_s)
ORDER BY o.observation_id, ending.position
