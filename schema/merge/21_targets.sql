INSERT INTO main.target (protocol, host, host_unicode, port, pinned_address, sni, registrable_domain, input_text)
SELECT s.protocol, s.host, s.host_unicode, s.port, s.pinned_address, s.sni, s.registrable_domain, s.input_text
FROM shard.target AS s WHERE true ORDER BY s.target_id
ON CONFLICT (host, port, protocol, pinned_address, sni) DO NOTHING;
INSERT INTO temp.map_target (old_id, new_id)
SELECT s.target_id, m.target_id
FROM shard.target AS s CROSS JOIN main.target AS m ON m.host = s.host AND m.port = s.port AND m.protocol = s.protocol
  AND m.pinned_address = s.pinned_address AND m.sni = s.sni;
INSERT INTO main.endpoint (target_id, address)
SELECT m.new_id, s.address
FROM shard.endpoint AS s CROSS JOIN temp.map_target AS m ON m.old_id = s.target_id WHERE true ORDER BY s.endpoint_id
ON CONFLICT (target_id, address) DO NOTHING;
INSERT INTO temp.map_endpoint (old_id, new_id)
SELECT s.endpoint_id, e.endpoint_id
FROM shard.endpoint AS s CROSS JOIN temp.map_target AS m ON m.old_id = s.target_id
  CROSS JOIN main.endpoint AS e ON e.target_id = m.new_id AND e.address = s.address;
