INSERT INTO tls_group (code, kind, bits, is_post_quantum, is_draft, is_weak)
VALUES (:code, :kind, :bits, :is_post_quantum, :is_draft, :is_weak)
ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, bits = excluded.bits, is_post_quantum = excluded.is_post_quantum,
  is_draft = excluded.is_draft, is_weak = excluded.is_weak
WHERE (kind, bits, is_post_quantum, is_draft, is_weak)
  IS NOT (excluded.kind, excluded.bits, excluded.is_post_quantum, excluded.is_draft, excluded.is_weak);
