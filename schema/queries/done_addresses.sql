SELECT e.address FROM endpoint AS e JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id = ?
WHERE e.target_id = ? ORDER BY e.address;
