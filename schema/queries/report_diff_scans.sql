-- When the two scans of a comparison began, and, where a chain's verdict changed between them and the roots that were
-- trusted did too, whose these are and were.
SELECT strftime('%Y-%m-%d %H:%M', s.started_s, 'unixepoch') AS new_utc, strftime('%Y-%m-%d %H:%M', b.started_s, 'unixepoch') AS old_utc,
  CASE WHEN s.trust_store_sha256 <> b.trust_store_sha256 AND EXISTS (SELECT 1 FROM change AS ch
    WHERE ch.scan_id = s.scan_id AND ch.kind = 'trust-changed' AND ch.field = 'trusted') THEN s.trust_store END AS new_trust,
  b.trust_store AS old_trust
FROM scan AS s LEFT JOIN scan AS b ON b.scan_id = :base_id WHERE s.scan_id = :scan_id;
