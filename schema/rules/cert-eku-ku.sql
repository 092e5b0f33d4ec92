-- id: cert-eku-ku
-- severity: medium
-- title: Certificate's declared uses do not fit a server
-- why: A certificate says what its key may do. When that does not fit a TLS server, some clients refuse it or
--   cannot use modern key exchange with it; when it allows too much, a stolen key does more harm.
-- remedy: Reissue with extendedKeyUsage = serverAuth and keyUsage = critical, digitalSignature (for RSA also
--   keyEncipherment).
-- source: CA/Browser Forum TLS Baseline Requirements section 7.1.2.7
--
-- Bits as in certificate.h. For every leaf: an extended key usage without serverAuth (1) or anyExtendedKeyUsage (64),
-- a key usage without digitalSignature (1), which TLS 1.3 and ECDHE need, and keyCertSign (32) or cRLSign (64) where it
-- is no CA. For public ones (see cert-validity-too-long) also: no extended key usage at all, and code signing (4), mail
-- (8), time stamping (16), OCSP signing (32) or any (64) in it.
SELECT o.observation_id,
  printf('leaf %s: ', coalesce('CN=' || leaf.subject_cn, leaf.subject, 'without a name')) || substr(
    iif((leaf.ext_key_usage & 65) = 0, ', extended key usage without serverAuth', '')
    || iif(leaf.ext_key_usage IS NULL AND o.verified_depth > 1 AND (leaf.policy IS NOT NULL OR leaf.sct_count > 0),
      ', no extended key usage', '')
    || iif((leaf.ext_key_usage & 124) <> 0 AND o.verified_depth > 1 AND (leaf.policy IS NOT NULL OR leaf.sct_count > 0),
      ', extended key usage allows' || iif(leaf.ext_key_usage & 4, ' codeSigning', '')
        || iif(leaf.ext_key_usage & 8, ' emailProtection', '') || iif(leaf.ext_key_usage & 16, ' timeStamping', '')
        || iif(leaf.ext_key_usage & 32, ' OCSPSigning', '') || iif(leaf.ext_key_usage & 64, ' anyExtendedKeyUsage', ''), '')
    || iif((leaf.key_usage & 1) = 0, ', key usage without digitalSignature', '')
    || iif((leaf.key_usage & 96) <> 0 AND leaf.is_ca = 0,
      ', key usage allows' || iif(leaf.key_usage & 32, ' keyCertSign', '') || iif(leaf.key_usage & 64, ' cRLSign', ''), ''),
    3) AS detail
FROM observation AS o JOIN certificate AS leaf ON leaf.certificate_id = o.leaf_id
WHERE o.scan_id = :scan_id AND leaf.parse_error IS NULL
  AND ((leaf.key_usage & 1) = 0
    OR (leaf.key_usage & 96) <> 0 AND leaf.is_ca = 0
    OR (leaf.ext_key_usage & 65) = 0
    OR (leaf.ext_key_usage IS NULL OR (leaf.ext_key_usage & 124) <> 0)
      AND o.verified_depth > 1 AND (leaf.policy IS NOT NULL OR leaf.sct_count > 0))
