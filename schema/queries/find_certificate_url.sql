SELECT certificate_url_id FROM certificate_url WHERE ocsp = ? AND ca_issuers = ? AND crl = ?;
