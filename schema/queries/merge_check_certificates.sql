SELECT certificate_id, sha256, der FROM certificate WHERE der IS NOT NULL;
