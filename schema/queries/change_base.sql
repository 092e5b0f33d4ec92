-- The newest finished scan before :scan_id: what it is compared with.
SELECT b.scan_id FROM scan AS s JOIN scan AS b ON (b.started_s, b.scan_id) < (s.started_s, s.scan_id)
WHERE s.scan_id = :scan_id AND b.state = 'done'
ORDER BY b.started_s DESC, b.scan_id DESC LIMIT 1;
