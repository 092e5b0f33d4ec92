-- The chains that one endpoint sent when it was asked differently.
SELECT x.role, x.presented_depth, x.verified_depth, x.chain_status, x.trusted, x.trust_detail, x.name_match,
  datetime(x.chain_not_after_s, 'unixepoch') AS chain_expires_utc, c.sha256 AS leaf_sha256, x.presented_chain_id,
  x.verified_chain_id
FROM other_chain AS x JOIN certificate AS c ON c.certificate_id = x.leaf_id
WHERE x.observation_id = :observation_id ORDER BY x.role;
