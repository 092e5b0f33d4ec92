-- Endpoints and targets that nothing names any more.
DELETE FROM endpoint
WHERE NOT EXISTS (SELECT 1 FROM observation AS o WHERE o.endpoint_id = endpoint.endpoint_id)
  AND endpoint_id NOT IN (SELECT c.endpoint_id FROM change AS c);
DELETE FROM target
WHERE NOT EXISTS (SELECT 1 FROM endpoint AS e WHERE e.target_id = target.target_id)
  AND target_id NOT IN (SELECT st.target_id FROM scan_target AS st);
DELETE FROM label_set
WHERE label_set_id NOT IN (SELECT st.label_set_id FROM scan_target AS st WHERE st.label_set_id IS NOT NULL);
DELETE FROM label WHERE label_set_id NOT IN (SELECT s.label_set_id FROM label_set AS s);
