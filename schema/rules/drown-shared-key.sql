-- id: drown-shared-key
-- severity: critical
-- title: Key is also used with SSL 2.0
-- why: Another service accepts SSL 2.0 with this very RSA key. With a few thousand connections to it an attacker
--   can read recorded connections to this one, whatever version they used (DROWN).
-- remedy: Remove SSL 2.0 from the other service, which the finding names; then make a new key for this one and have
--   it certified.
-- source: CVE-2016-0800 (DROWN)
--
-- Joined over the scan by the public key, leaf or leaf of the other key type. Services that accept SSL 2.0
-- themselves have ssl2-enabled instead.
WITH weak AS MATERIALIZED (
  SELECT s.feature_set_id
  FROM scan_feature_set AS s
    CROSS JOIN feature AS f ON f.feature_set_id = s.feature_set_id AND f.kind = 'version' AND f.version = 0
      AND f.code = 0x0002
  WHERE s.scan_id = :scan_id AND f.supported = 1),
exposed AS MATERIALIZED (
  SELECT c.spki_sha256 AS spki
  FROM weak AS w
    CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.feature_set_id = w.feature_set_id
    LEFT JOIN other_chain AS x ON x.observation_id = o.observation_id AND x.role = 'other-key'
    JOIN certificate AS c ON c.certificate_id IN (o.leaf_id, x.leaf_id)
  WHERE c.key_type IN ('RSA', 'RSA-PSS') AND c.spki_sha256 IS NOT NULL),
used AS MATERIALIZED (
  SELECT o.observation_id, o.endpoint_id, o.feature_set_id, c.spki_sha256 AS spki
  FROM (SELECT 1 FROM exposed LIMIT 1)
    CROSS JOIN observation AS o
    LEFT JOIN other_chain AS x ON x.observation_id = o.observation_id AND x.role = 'other-key'
    JOIN certificate AS c ON c.certificate_id IN (o.leaf_id, x.leaf_id)
  WHERE o.scan_id = :scan_id AND c.spki_sha256 IN (SELECT e.spki FROM exposed AS e)),
placed AS (
  SELECT u.observation_id, u.spki, u.feature_set_id IN (SELECT w.feature_set_id FROM weak AS w) AS is_weak,
    printf('%s:%d', t.host, t.port) AS place
  FROM used AS u
    CROSS JOIN endpoint AS e ON e.endpoint_id = u.endpoint_id
    CROSS JOIN target AS t ON t.target_id = e.target_id),
told AS (
  SELECT observation_id, spki, is_weak, sum(is_weak IS 1) OVER key AS num_places,
    min(iif(is_weak, place, NULL)) OVER key AS place
  FROM placed WINDOW key AS (PARTITION BY spki))
SELECT observation_id,
  printf('SSLv2 with the same RSA key (sha256 %s…) is accepted at %s%s', lower(substr(hex(spki), 1, 16)), place,
    iif(num_places > 1, printf(' +%d more', num_places - 1), '')) AS detail
FROM told WHERE is_weak IS NOT 1
ORDER BY observation_id, place
