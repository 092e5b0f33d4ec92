-- id: backend-inconsistent
-- severity: low
-- title: Addresses of one name are configured differently
-- why: The name has several addresses that do not answer alike, so visitors see one certificate or another by
--   chance, and a fault comes and goes. Often one server was forgotten in an update.
-- remedy: Install the same certificate and configuration on all the addresses (compare with openssl s_client
--   -connect ADDRESS:PORT -servername NAME), then scan again.
-- source: tlscensus policy: all addresses of a name answer alike
--
-- Compared among the addresses that showed a certificate: the leaf, the TLS version and the cipher suite agreed on.
WITH uneven AS MATERIALIZED (
  SELECT e.target_id, count(*) AS addresses_count, count(DISTINCT o.leaf_id) AS leaves_count,
    count(DISTINCT o.tls_version) AS versions_count, count(DISTINCT o.cipher) AS ciphers_count
  FROM scan_target AS st
    CROSS JOIN endpoint AS e ON e.target_id = st.target_id
    CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  WHERE st.scan_id = :scan_id AND st.endpoints_count > 1 AND o.leaf_id IS NOT NULL
  GROUP BY e.target_id HAVING leaves_count > 1 OR versions_count > 1 OR ciphers_count > 1)
SELECT o.observation_id,
  printf('%d addresses', u.addresses_count)
    || iif(u.leaves_count > 1, printf(', %d certificates (here %s until %s)', u.leaves_count,
      coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name'), coalesce(date(leaf.not_after_s, 'unixepoch'), '?')), '')
    || iif(u.versions_count > 1, printf(', %d TLS versions (here %s)', u.versions_count,
      coalesce((SELECT name FROM registry_name WHERE kind = 'version' AND code = o.tls_version), 'unknown')), '')
    || iif(u.ciphers_count > 1, printf(', %d cipher suites (here %s)', u.ciphers_count,
      coalesce((SELECT name FROM registry_name WHERE kind = 'cipher' AND code = o.cipher), printf('0x%04X', o.cipher), 'unknown')), '') AS detail
FROM uneven AS u
  CROSS JOIN endpoint AS e ON e.target_id = u.target_id
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
