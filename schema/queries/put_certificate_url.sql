INSERT INTO certificate_url (ocsp, ca_issuers, crl) VALUES (?, ?, ?);
