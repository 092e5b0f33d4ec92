INSERT INTO suite (code, kx, auth, cipher, mode, bits, block_bits, hash, forward_secrecy, is_aead, is_export, min_version,
  max_version, quality)
VALUES (:code, :kx, :auth, :cipher, :mode, :bits, :block_bits, :hash, :forward_secrecy, :is_aead, :is_export, :min_version,
  :max_version, :quality)
ON CONFLICT (code) DO UPDATE SET kx = excluded.kx, auth = excluded.auth, cipher = excluded.cipher, mode = excluded.mode,
  bits = excluded.bits, block_bits = excluded.block_bits, hash = excluded.hash, forward_secrecy = excluded.forward_secrecy,
  is_aead = excluded.is_aead, is_export = excluded.is_export, min_version = excluded.min_version,
  max_version = excluded.max_version, quality = excluded.quality
WHERE (kx, auth, cipher, mode, bits, block_bits, hash, forward_secrecy, is_aead, is_export, min_version, max_version, quality)
  IS NOT (excluded.kx, excluded.auth, excluded.cipher, excluded.mode, excluded.bits, excluded.block_bits, excluded.hash,
    excluded.forward_secrecy, excluded.is_aead, excluded.is_export, excluded.min_version, excluded.max_version, excluded.quality);
