-- Kept apart while they are judged, because judging changes the rows that they come from.
DROP TABLE IF EXISTS temp.broken_chain;
CREATE TEMP TABLE broken_chain (leaf_id INTEGER NOT NULL, presented_chain_id INTEGER);
