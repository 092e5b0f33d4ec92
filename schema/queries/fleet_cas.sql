-- Intermediates that any endpoint ever sent: they may complete the path of another one.
SELECT der FROM certificate WHERE is_ca = 1 AND is_self_signed IS NOT 1 AND der IS NOT NULL ORDER BY certificate_id
LIMIT 100000;
