-- id: opportunistic-and-implicit
-- severity: low
-- title: Service is offered both with STARTTLS and with implicit TLS
-- why: Where one host offers a service in both ways, an attacker in the middle can join a client of the one to the
--   server of the other, and their answers get out of step (Opossum).
-- remedy: Keep only implicit TLS for clients (submission at 465, POP3 at 995) and close the STARTTLS port to them;
--   mail between servers at port 25 needs STARTTLS.
-- source: CVE-2025-49812 (Opossum), RFC 8314 section 3
--
-- Of the protocols for which it is known to work: SMTP, POP3, FTP and NNTP. The finding is on the STARTTLS
-- endpoint.
SELECT o.observation_id, printf('%s at port %d beside %s at port %d', t.protocol, t.port, i.protocol, i.port) AS detail
FROM target AS t
  CROSS JOIN endpoint AS e ON e.target_id = t.target_id
  CROSS JOIN observation AS o ON o.scan_id = :scan_id AND o.endpoint_id = e.endpoint_id
  CROSS JOIN target AS i ON i.host = t.host AND i.protocol = t.protocol || 's'
WHERE t.protocol IN ('smtp', 'pop3', 'ftp', 'nntp') AND o.leaf_id IS NOT NULL
  AND EXISTS (SELECT 1
    FROM endpoint AS x CROSS JOIN observation AS y ON y.scan_id = :scan_id AND y.endpoint_id = x.endpoint_id
    WHERE x.target_id = i.target_id AND y.leaf_id IS NOT NULL)
GROUP BY o.observation_id, i.protocol, i.port
