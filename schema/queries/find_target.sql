SELECT target_id FROM target WHERE host = ? AND port = ? AND protocol = ? AND pinned_address = ? AND sni = ?;
