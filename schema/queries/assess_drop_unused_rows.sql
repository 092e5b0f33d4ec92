DELETE FROM finding_set_row WHERE finding_set_id NOT IN (SELECT s.finding_set_id FROM finding_set AS s);
