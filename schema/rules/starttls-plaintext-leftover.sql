-- id: starttls-plaintext-leftover
-- severity: high
-- title: Plain text is left over when TLS begins
-- why: The server sent more in the clear behind its go to TLS. Software that keeps such bytes takes them for part
--   of the encrypted talk, so an attacker in the middle can put commands and answers into it.
-- remedy: Upgrade the server software: what is in the buffer must be thrown away when TLS begins.
-- source: CVE-2011-0411, RFC 3207 section 4.2
SELECT o.observation_id, printf('%d byte%s in the clear behind the go to TLS', o.starttls_leftover_bytes,
    iif(o.starttls_leftover_bytes = 1, '', 's')) AS detail
FROM observation AS o
WHERE o.scan_id = :scan_id AND o.starttls_leftover_bytes > 0
