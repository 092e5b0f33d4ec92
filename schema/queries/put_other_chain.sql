-- Two of one role would be a mistake of the survey's: the first stands.
INSERT INTO other_chain (observation_id, role, leaf_id, presented_chain_id, verified_chain_id, presented_depth,
  verified_depth, chain_status, trusted, trust_detail, trust_text, chain_not_after_s, name_match)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (observation_id, role) DO NOTHING;
