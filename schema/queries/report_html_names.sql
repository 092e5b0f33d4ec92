-- The first names of a certificate.
SELECT n.kind, n.name FROM certificate_name AS n
WHERE n.certificate_id = :certificate_id ORDER BY n.kind, n.name LIMIT :max_rows
