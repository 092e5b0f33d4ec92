SELECT certificate_id FROM certificate WHERE sha256 = ?;
