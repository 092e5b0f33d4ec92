SELECT leaf_id, coalesce(presented_chain_id, 0) FROM temp.broken_chain ORDER BY leaf_id, presented_chain_id;
