DROP TABLE IF EXISTS temp.broken_chain;
