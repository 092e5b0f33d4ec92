-- The names of the certificate :certificate_id; those that are no DNS name with their kind before them.
SELECT CASE WHEN kind IN ('dns', 'ip') THEN name ELSE kind || ':' || name END AS name
FROM certificate_name WHERE certificate_id = :certificate_id
ORDER BY CASE kind WHEN 'dns' THEN 0 WHEN 'ip' THEN 1 ELSE 2 END, kind, name;
