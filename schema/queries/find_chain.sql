SELECT chain_id FROM chain WHERE sha256 = ?;
