-- What the optimizer noted of small tables: a plan for one row is quadratic when the next scan has thousands. Without a
-- note a table counts as large. The last statement has this connection read the notes again.
DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < 1000;
ANALYZE sqlite_schema;
