-- id: group-pq-missing
-- severity: info
-- title: No post-quantum key exchange
-- why: What is recorded today can be read once large quantum computers exist. A hybrid group protects against that
--   and costs one kilobyte; current browsers offer it.
-- remedy: Enable X25519MLKEM768 (OpenSSL 3.5 or later, then nginx ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1;
--   or a BoringSSL, Go 1.24 or rustls of today).
-- source: Mozilla Server Side TLS 6.0, BSI TR-02102-2
--
-- Only where TLS 1.3 is accepted, without which there is none (tls13-missing), and where the survey could tell: it
-- asked, or it knows all groups. Drafts with Kyber count as an answer; they have a finding of their own.
WITH told AS MATERIALIZED (
  SELECT s.feature_set_id,
    (SELECT group_concat(name, ', ') FROM (SELECT coalesce(r.name, printf('0x%04X', g.code)) AS name
      FROM feature AS g LEFT JOIN registry_name AS r ON r.kind = 'group' AND r.code = g.code
      WHERE g.feature_set_id = s.feature_set_id AND g.kind = 'group' AND g.version = 0x0304 AND g.supported = 1
      ORDER BY g.rank IS NULL, g.rank, g.code LIMIT 5)) AS groups
  FROM scan_feature_set AS s
    CROSS JOIN feature AS v ON v.feature_set_id = s.feature_set_id AND v.kind = 'version' AND v.version = 0
      AND v.code = 0x0304
    LEFT JOIN feature AS p ON p.feature_set_id = s.feature_set_id AND p.kind = 'trait' AND p.version = 0
      AND p.code = 46 -- post_quantum
    LEFT JOIN feature AS c ON c.feature_set_id = s.feature_set_id AND c.kind = 'trait' AND c.version = 0x0304
      AND c.code = 42 -- groups_complete
  WHERE s.scan_id = :scan_id AND v.supported = 1 AND coalesce(p.supported, 1 - c.supported) = 0
    AND NOT EXISTS (SELECT 1 FROM feature AS g JOIN tls_group AS k ON k.code = g.code
      WHERE g.feature_set_id = s.feature_set_id AND g.kind = 'group' AND g.supported = 1 AND k.is_post_quantum = 1))
SELECT o.observation_id,
  'none of the groups with ML-KEM is accepted' || coalesce('; accepted are ' || t.groups, '') AS detail
FROM told AS t CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = t.feature_set_id
  LEFT JOIN tls_group AS a ON a.code = o.kx_group
WHERE coalesce(a.is_post_quantum, 0) = 0
