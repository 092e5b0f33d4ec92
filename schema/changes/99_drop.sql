-- All but what was found.
DROP TABLE temp.past;
DROP TABLE temp.rule_key;
DROP TABLE temp.subject;
DROP TABLE temp.seen;
DROP TABLE temp.place;
DROP TABLE temp.new_leaf;
