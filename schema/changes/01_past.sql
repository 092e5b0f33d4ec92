-- Ordinals: :scan_id is 0, :base_id is 1, and then the finished scans before that one, newest first. What a scan was not
-- told to ask, or had no route for, it says nothing about.
INSERT INTO temp.past (ordinal, scan_id, is_done, depth, is_mixed, asks_ipv4, asks_ipv6, asks_all, list, is_small)
SELECT row_number() OVER (ORDER BY s.scan_id = :scan_id DESC, s.started_s DESC, s.scan_id DESC) - 1, s.scan_id, s.state = 'done',
  CASE s.profile WHEN 'deep' THEN 2 WHEN 'standard' THEN 1 ELSE 0 END,
  EXISTS (SELECT 1 FROM scan_target AS st WHERE st.scan_id = s.scan_id AND st.profile IS NOT NULL),
  o.ipv6 IS NOT 'true' AND instr(s.vantage, 'IPv4 none') = 0, o.ipv4 IS NOT 'true' AND instr(s.vantage, 'IPv6 none') = 0,
  o.one_address IS NOT 'true', o.list,
  2 * (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id)
    < (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = :scan_id)
FROM (
    SELECT scan_id FROM scan WHERE scan_id IN (:scan_id, :base_id)
    UNION
    SELECT scan_id FROM (
      SELECT s.scan_id FROM scan AS s JOIN scan AS b ON b.scan_id = :base_id
      WHERE s.state = 'done' AND s.scan_id <> :scan_id AND (s.started_s, s.scan_id) < (b.started_s, b.scan_id)
      ORDER BY s.started_s DESC, s.scan_id DESC LIMIT :look_back - 1)) AS chosen
  JOIN scan AS s ON s.scan_id = chosen.scan_id
  JOIN (SELECT scan_id, json_extract(options, '$.ipv4') AS ipv4, json_extract(options, '$.ipv6') AS ipv6,
      json_extract(options, '$."one-address"') AS one_address,
      CASE json_type(options, '$.groups') WHEN 'array' THEN coalesce(json_extract(options, '$.input'), '') || (
        SELECT group_concat(json_extract(g.value, '$.name') || coalesce(json_extract(g.value, '$.input'), ''))
        FROM json_each(options, '$.groups') AS g)
      ELSE json_extract(options, '$.input') END AS list
    FROM (SELECT scan_id, iif(json_valid(options_json), options_json, '{}') AS options FROM scan)) AS o
    ON o.scan_id = s.scan_id;

-- What could make a difference told now is a difference to the last :confirm_after scans; for what surveys find, to those of
-- the same depth, where there are any, or where targets have a profile of their own. Small scans do not count: 02_subjects.sql
-- looks at all that they had.
UPDATE temp.past SET nearness = n.nearness
FROM (
  SELECT ordinal, CASE
      WHEN is_alike AND place BETWEEN 1 AND :confirm_after THEN 2
      WHEN place_of_all BETWEEN 1 AND :confirm_after THEN iif((has_alike OR depth_now = 0) AND NOT is_mixed, 1, 2)
      ELSE 0 END AS nearness
  FROM (
    SELECT p.ordinal, now.depth AS depth_now, now.is_mixed OR p.is_mixed AS is_mixed, p.depth = now.depth AS is_alike,
      sum(p.depth = now.depth) OVER (ORDER BY p.ordinal) AS place, sum(p.depth = now.depth) OVER () > 0 AS has_alike,
      row_number() OVER (ORDER BY p.ordinal) AS place_of_all
    FROM temp.past AS p JOIN temp.past AS now ON now.ordinal = 0
    WHERE p.ordinal >= 1 AND NOT p.is_small)) AS n
WHERE n.ordinal = past.ordinal;
