-- The handshake of one observation, message by message.
SELECT m.from_server, coalesce(r.name, 'type ' || m.type) AS name, m.size_bytes, m.offset_us
FROM handshake_message AS m LEFT JOIN registry_name AS r ON r.kind = 'message' AND r.code = m.type
WHERE m.observation_id = :observation_id ORDER BY m.position
