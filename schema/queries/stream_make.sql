-- The certificates that a stream has sent, in the order in which it did: on disk, so that memory does not grow with them.
CREATE TEMP TABLE sent_certificate (sent_id INTEGER PRIMARY KEY, certificate_id INTEGER NOT NULL UNIQUE);
