-- None is ours: it would run with every row that we write.
SELECT count(*) FROM sqlite_schema WHERE type = 'trigger';
