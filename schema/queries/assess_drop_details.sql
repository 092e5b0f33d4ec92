-- Details that only findings had which were cleared.
DELETE FROM finding_detail
WHERE detail_id NOT IN (SELECT f.detail_id FROM finding_row AS f WHERE f.detail_id IS NOT NULL);
