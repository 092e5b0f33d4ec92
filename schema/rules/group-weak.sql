-- id: group-weak
-- severity: medium
-- title: Weak groups are accepted
-- why: Curves under 224 bits give less than 112 bits of security, and were retired by those who defined them.
-- remedy: Remove curves under 224 bits: leave X25519MLKEM768, X25519, P-256 and P-384 (nginx: ssl_ecdh_curve;
--   Apache: SSLOpenSSLConfCmd Groups).
-- source: RFC 8422 section 5.1.1, RFC 9325 section 4.2.1
WITH hit AS MATERIALIZED (
  SELECT s.feature_set_id, coalesce(v.name, printf('0x%04X', f.version)) AS version_name,
    coalesce(r.name, printf('0x%04X', f.code)) AS name,
    dense_rank() OVER (PARTITION BY s.feature_set_id ORDER BY f.code) AS nth
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'group' AND f.supported = 1
    CROSS JOIN tls_group AS g ON g.code = f.code
    LEFT JOIN registry_name AS r ON r.kind = f.kind AND r.code = f.code
    LEFT JOIN registry_name AS v ON v.kind = 'version' AND v.code = f.version
  WHERE s.scan_id = :scan_id AND g.is_weak = 1),
told AS MATERIALIZED (
  SELECT feature_set_id, replace(group_concat(DISTINCT iif(nth <= 5, name, NULL)), ',', ', ')
      || iif(max(nth) > 5, printf(' +%d more', max(nth) - 5), '')
      || ' in ' || replace(group_concat(DISTINCT version_name), ',', ', ') AS detail
  FROM hit GROUP BY feature_set_id)
SELECT o.observation_id, t.detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
