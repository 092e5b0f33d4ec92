-- id: cert-not-yet-valid
-- severity: high
-- verdict: trust
-- title: Certificate is not valid yet
-- why: Clients refuse a certificate before its start date. It was issued with a date in the future, or a clock is
--   wrong.
-- remedy: Check the clocks of the server and of whoever issued the certificate (timedatectl shows whether a clock
--   is synchronised), and serve the previous certificate until the new one starts.
-- source: RFC 5280 section 4.1.2.5
--
-- The leaf, and the intermediates of the verified path (its last certificate is the anchor).
WITH early AS MATERIALIZED (
  SELECT m.chain_id
  FROM chain_certificate AS m JOIN certificate AS x USING (certificate_id)
  WHERE x.not_before_s > :as_of_s),
hit AS (
  SELECT o.observation_id, 0 AS position, o.leaf_id AS certificate_id
  FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
  WHERE o.scan_id = :scan_id AND leaf.not_before_s > :as_of_s
  UNION ALL
  SELECT o.observation_id, m.position, m.certificate_id
  FROM (SELECT 1 FROM early LIMIT 1) CROSS JOIN observation AS o
    CROSS JOIN chain_certificate AS m ON m.chain_id = o.verified_chain_id
    CROSS JOIN certificate AS x ON x.certificate_id = m.certificate_id
  WHERE o.scan_id = :scan_id AND o.verified_chain_id IN (SELECT chain_id FROM early)
    AND m.position < o.verified_depth - 1 AND x.not_before_s > :as_of_s)
SELECT hit.observation_id,
  printf('%s %s starts on %s, in %s',
    CASE hit.position WHEN 0 THEN 'leaf' ELSE 'intermediate' END,
    coalesce('CN=' || c.subject_cn, c.subject, 'without a name'), date(c.not_before_s, 'unixepoch'),
    CASE WHEN c.not_before_s - :as_of_s < 2 * 86400 THEN ((c.not_before_s - :as_of_s) / 3600) || ' h'
      ELSE ((c.not_before_s - :as_of_s) / 86400) || ' days' END) AS detail
FROM hit JOIN certificate AS c ON c.certificate_id = hit.certificate_id
ORDER BY hit.observation_id, hit.position
