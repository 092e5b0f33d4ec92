INSERT INTO endpoint (target_id, address) VALUES (?, ?) ON CONFLICT (target_id, address) DO NOTHING;
