INSERT INTO scheme (code, auth, hash, is_sha1_or_md5) VALUES (:code, :auth, :hash, :is_sha1_or_md5)
ON CONFLICT (code) DO UPDATE SET auth = excluded.auth, hash = excluded.hash, is_sha1_or_md5 = excluded.is_sha1_or_md5
WHERE (auth, hash, is_sha1_or_md5) IS NOT (excluded.auth, excluded.hash, excluded.is_sha1_or_md5);
