SELECT name, type, pk > 0 FROM pragma_table_xinfo(:relation) ORDER BY cid;
