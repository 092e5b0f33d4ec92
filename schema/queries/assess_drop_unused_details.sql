DELETE FROM finding_detail
WHERE detail_id NOT IN (SELECT r.detail_id FROM finding_set_row AS r WHERE r.detail_id IS NOT NULL);
