SELECT sql FROM sqlite_schema WHERE type = :type AND name = :name;
