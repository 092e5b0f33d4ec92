INSERT INTO outcome (outcome_id, name) VALUES (:code, :name)
ON CONFLICT (outcome_id) DO UPDATE SET name = excluded.name WHERE name <> excluded.name;
