-- Names of code points that the page shows.
SELECT kind, code, name, forward_secrecy FROM registry_name
WHERE kind IN ('version', 'cipher', 'group', 'signature') ORDER BY kind, code
