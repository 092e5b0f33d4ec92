DROP TABLE temp.change;
