INSERT INTO handshake_message (observation_id, position, from_server, type, size_bytes, offset_us)
VALUES (?, ?, ?, ?, ?, ?);
