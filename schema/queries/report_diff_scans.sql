-- When the two scans of a comparison began.
SELECT strftime('%Y-%m-%d %H:%M', s.started_s, 'unixepoch') AS new_utc, strftime('%Y-%m-%d %H:%M', b.started_s, 'unixepoch') AS old_utc
FROM scan AS s LEFT JOIN scan AS b ON b.scan_id = :base_id WHERE s.scan_id = :scan_id;
