-- id: other-key-cert-invalid
-- severity: high
-- title: Certificate of the other key is not valid
-- why: The server has two certificates, one with an RSA key and one with another, and clients choose. Those that choose
--   the one named here are refused, while every other client sees a service in order.
-- remedy: Renew both certificates with one job, install both and reload; then look at each (openssl s_client -connect
--   HOST:443 -tls1_2 -cipher aRSA, and once more with aECDSA).
-- source: RFC 5280 section 4.1.2.5, RFC 9525 section 6
--
-- High where its dates have passed or not begun, or where it alone is not trusted or is for another name; medium where
-- it expires soon, with the thresholds of cert-expiring. It makes no verdict: that is of the chain that the handshake met.
WITH other AS (
  SELECT x.observation_id, x.trusted, x.trust_detail, x.trust_text, x.name_match, x.chain_not_after_s, c.key_type,
    c.not_before_s, c.not_after_s, coalesce('CN=' || c.subject_cn, c.subject, 'without a name') AS name,
    c.not_after_s + 1 - c.not_before_s AS lifetime_s, c.not_after_s + 1 - :as_of_s AS remaining_s,
    o.trusted AS is_own_trusted, o.name_match AS is_own_match
  FROM observation AS o
    CROSS JOIN other_chain AS x ON x.observation_id = o.observation_id AND x.role = 'other-key'
    CROSS JOIN certificate AS c ON c.certificate_id = x.leaf_id
  WHERE o.scan_id = :scan_id AND o.feature_set_id IS NOT NULL),
judged AS (
  SELECT *,
    CASE WHEN min(chain_not_after_s, not_after_s) < :as_of_s
        THEN 'expired on ' || date(min(chain_not_after_s, not_after_s), 'unixepoch')
      WHEN not_after_s < :as_of_s THEN 'expired on ' || date(not_after_s, 'unixepoch')
      WHEN not_before_s > :as_of_s THEN 'not valid before ' || date(not_before_s, 'unixepoch')
      WHEN trusted = 0 AND is_own_trusted = 1 AND trust_detail NOT IN ('incomplete-chain', 'expired', 'not-yet-valid')
        THEN coalesce(trust_text, trust_detail)
      WHEN name_match = 0 AND is_own_match = 1 THEN 'is for another name' END AS fault,
    CASE WHEN lifetime_s > 10 * 86400 THEN 6 * remaining_s < lifetime_s AND remaining_s < 14 * 86400
      ELSE 4 * remaining_s < lifetime_s END AS is_expiring
  FROM other)
SELECT observation_id,
  printf('leaf %s (%s): %s', name, coalesce(key_type, 'unknown key'),
    coalesce(fault, 'ends on ' || date(not_after_s, 'unixepoch'))) AS detail,
  iif(fault IS NOT NULL, 3, 2) AS severity
FROM judged WHERE fault IS NOT NULL OR is_expiring
