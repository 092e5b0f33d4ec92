-- The condition on trust_detail is that of the index.
UPDATE other_chain SET verified_chain_id = ?, presented_depth = ?, verified_depth = ?, chain_status = ?, trusted = ?,
  trust_detail = ?, trust_text = ?, chain_not_after_s = ?
WHERE leaf_id = ? AND trust_detail IS NOT NULL AND presented_chain_id IS ?
  AND observation_id IN (SELECT observation_id FROM observation WHERE scan_id = ?);
