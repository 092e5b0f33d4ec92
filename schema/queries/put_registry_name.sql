-- :kind is version, cipher, group, signature, alert, message, extension, alpn, trait, dh or fingerprint
-- (tc_registry_kind_str): the comment in step 1 of the schema is of its day and has fewer.
INSERT INTO registry_name (kind, code, name, forward_secrecy) VALUES (:kind, :code, :name, :forward_secrecy)
ON CONFLICT (kind, code) DO UPDATE SET name = excluded.name, forward_secrecy = excluded.forward_secrecy
WHERE name <> excluded.name OR forward_secrecy IS NOT excluded.forward_secrecy;
