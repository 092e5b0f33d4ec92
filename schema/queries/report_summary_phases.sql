-- The phases of every endpoint of :scan_id, in microseconds, from which the summary takes its percentiles.
SELECT dns_us AS dns, connect_us AS connect, starttls_us AS starttls, handshake_us AS handshake
FROM observation WHERE scan_id = :scan_id;
