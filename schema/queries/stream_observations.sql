-- What :scan_id has stored since :after, in that order. The + keeps to the table's own order, which is that of its key.
SELECT observation_id FROM observation WHERE observation_id > :after AND +scan_id = :scan_id ORDER BY observation_id;
