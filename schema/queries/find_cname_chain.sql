SELECT cname_chain_id FROM cname_chain WHERE names = ?;
