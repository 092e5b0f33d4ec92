-- id: cert-expired
-- severity: critical
-- verdict: trust
-- title: Certificate has expired
-- why: Browsers and mail programs refuse a certificate after its end date, so visitors see a warning instead of the
--   service.
-- remedy: Renew the certificate now, install it and reload the server (with certbot: certbot renew, then systemctl
--   reload nginx); then let a job renew it. Where an intermediate expired, install the chain file that the CA
--   offers today.
-- source: RFC 5280 section 4.1.2.5
--
-- The leaf, and whichever certificate of the verified path ends first. The end date itself is still valid.
-- Days are counted as in leaf_days_left, which rounds down past the end too.
-- chain_not_after_s is never later than the leaf's end, so it spares most rows the look at their certificate.
SELECT o.observation_id,
  printf('%s %s expired on %s, %s ago',
    CASE WHEN c.certificate_id = o.leaf_id THEN 'leaf' ELSE 'intermediate' END,
    coalesce('CN=' || c.subject_cn, c.subject, 'without a name'), date(c.not_after_s, 'unixepoch'),
    CASE WHEN :as_of_s - c.not_after_s < 2 * 86400 THEN ((:as_of_s - c.not_after_s) / 3600) || ' h'
      ELSE ((:as_of_s - c.not_after_s + 86399) / 86400) || ' days' END) AS detail
FROM observation AS o
  JOIN certificate AS c ON c.certificate_id IN (o.leaf_id, o.chain_not_after_id)
WHERE o.scan_id = :scan_id
  AND coalesce(o.chain_not_after_s, 0) < :as_of_s
  AND c.not_after_s < :as_of_s
  AND (c.certificate_id = o.leaf_id OR o.verified_depth IS NOT NULL OR o.trust_detail = 'expired')
ORDER BY o.observation_id, c.certificate_id <> o.leaf_id
