UPDATE observation SET presented_depth = ?, verified_depth = ?, presented_chain_len = ?, extraneous_count = ?,
  duplicates_count = ?, root_sent = ?, built_from = ?, chain_status = ?, trusted = ?, trust_detail = ?, trust_text = ?,
  trusted_but_for_date = ?, verified_chain_id = ?, chain_not_after_s = ?, chain_not_after_id = ?
WHERE leaf_id = ? AND scan_id = ? AND presented_chain_id IS ?;
