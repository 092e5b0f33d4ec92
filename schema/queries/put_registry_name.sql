INSERT INTO registry_name (kind, code, name, forward_secrecy) VALUES (:kind, :code, :name, :forward_secrecy)
ON CONFLICT (kind, code) DO UPDATE SET name = excluded.name, forward_secrecy = excluded.forward_secrecy
WHERE name <> excluded.name OR forward_secrecy IS NOT excluded.forward_secrecy;
