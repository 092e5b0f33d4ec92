-- The suites of one feature set: newest version first, each in the server's order, else better ones first.
-- server_order: 1 the server's, 0 the client's, NULL not measured (enum tc_trait: 20 is cipher_order).
SELECT a.version, a.version_name, a.code, a.name, a.rank, a.kx, a.auth, a.cipher, a.mode, a.block_bits, a.forward_secrecy,
  a.is_export, a.quality,
  (SELECT o.supported FROM feature AS o WHERE o.feature_set_id = a.feature_set_id AND o.kind = 'trait'
    AND o.version = a.version AND o.code = 20) AS server_order
FROM accepted_suite AS a WHERE a.feature_set_id = :feature_set_id
ORDER BY a.version DESC, a.rank IS NULL, a.rank,
  CASE a.quality WHEN 'recommended' THEN 0 WHEN 'sufficient' THEN 1 WHEN 'weak' THEN 2 ELSE 3 END, a.code;
