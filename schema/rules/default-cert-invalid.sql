-- id: default-cert-invalid
-- severity: info
-- title: Default certificate is not valid
-- why: Who asks without a server name, or for a name that the server does not have, gets a certificate that is
--   expired or that nobody trusts. Scanners and curious people see it, and it often tells what the machine is.
-- remedy: Serve a neutral certificate by default, or refuse names that are not served (nginx: ssl_reject_handshake
--   on in a default_server; HAProxy: strict-sni).
-- source: tlscensus policy: what is served by default is in order too
--
-- Judged by date and trust alone: that it is for another name is expected. Where the same certificate is served as
-- for the right name, that one is judged.
WITH same AS MATERIALIZED (
  SELECT s.feature_set_id, iif(f.code = 23, 'no-sni', 'unknown-sni') AS role
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'trait'
      AND f.code IN (23, 25) -- no_sni_same_certificate, unknown_sni_same_certificate
  WHERE s.scan_id = :scan_id AND f.supported = 1),
served AS (
  SELECT o.observation_id, same.role, o.leaf_id, o.trusted, o.trust_detail, o.trust_text, o.chain_not_after_s
  FROM observation AS o CROSS JOIN same ON same.feature_set_id = o.feature_set_id
  WHERE o.scan_id = :scan_id AND (o.trust_detail IS NOT NULL OR o.chain_not_after_s < :as_of_s)
  UNION ALL
  SELECT x.observation_id, x.role, x.leaf_id, x.trusted, x.trust_detail, x.trust_text, x.chain_not_after_s
  FROM observation AS o CROSS JOIN other_chain AS x ON x.observation_id = o.observation_id
  WHERE o.scan_id = :scan_id AND o.feature_set_id IS NOT NULL AND x.role IN ('no-sni', 'unknown-sni')
    AND (x.trust_detail IS NOT NULL OR x.chain_not_after_s < :as_of_s)),
judged AS (
  SELECT v.observation_id, v.role, coalesce('CN=' || c.subject_cn, c.subject, 'without a name') AS name,
    CASE WHEN v.chain_not_after_s < :as_of_s THEN 'expired on ' || date(v.chain_not_after_s, 'unixepoch')
      WHEN c.not_before_s > :as_of_s THEN 'not valid before ' || date(c.not_before_s, 'unixepoch')
      WHEN v.trusted = 0 AND v.trust_detail NOT IN ('incomplete-chain', 'expired', 'not-yet-valid')
        THEN coalesce(v.trust_text, v.trust_detail) END AS fault
  FROM served AS v JOIN certificate AS c ON c.certificate_id = v.leaf_id)
SELECT observation_id,
  printf('%s: leaf %s: %s', iif(count(*) > 1, 'without a server name and for an unknown one',
    iif(max(role) = 'no-sni', 'without a server name', 'for an unknown server name')), name, fault) AS detail
FROM judged WHERE fault IS NOT NULL
GROUP BY observation_id, name, fault
