-- address-added, address-removed. A scan that asked for one family, or for one address of each name, says nothing of the
-- others. A name whose addresses changed three times within a :hold rotates: that is its way, and no change.
INSERT INTO temp.place (target_id, ordinal, endpoint_id)
SELECT m.target_id, p.ordinal, e.endpoint_id
FROM (
    SELECT target_id FROM temp.subject
    UNION
    SELECT e.target_id FROM temp.past AS p
      CROSS JOIN observation AS o ON o.scan_id = p.scan_id
      CROSS JOIN endpoint AS e ON e.endpoint_id = o.endpoint_id
    WHERE p.ordinal BETWEEN 1 AND :confirm_after AND e.address <> ''
      AND NOT EXISTS (SELECT 1 FROM observation AS n WHERE n.scan_id = :scan_id AND n.endpoint_id = o.endpoint_id)) AS m
  CROSS JOIN endpoint AS e ON e.target_id = m.target_id
  CROSS JOIN temp.past AS p
  CROSS JOIN observation AS o ON o.scan_id = p.scan_id AND o.endpoint_id = e.endpoint_id
WHERE e.address <> ''
  AND EXISTS (SELECT 1 FROM scan_target AS st WHERE st.scan_id = :scan_id AND st.target_id = m.target_id);

WITH known AS (SELECT DISTINCT target_id, endpoint_id FROM temp.place),
looked AS (SELECT DISTINCT target_id, ordinal FROM temp.place),
rotating AS MATERIALIZED (
  SELECT target_id FROM (
    SELECT target_id, addresses <> lag(addresses) OVER (PARTITION BY target_id ORDER BY ordinal) AS is_other
    FROM (SELECT target_id, ordinal, group_concat(endpoint_id) AS addresses
      FROM (SELECT w.* FROM temp.place AS w JOIN temp.past AS p USING (ordinal)
          JOIN temp.past AS now ON now.ordinal = 0
            AND (now.asks_ipv4, now.asks_ipv6, now.asks_all) = (p.asks_ipv4, p.asks_ipv6, p.asks_all)
        WHERE w.ordinal <= :hold ORDER BY w.target_id, w.ordinal, w.endpoint_id)
      GROUP BY target_id, ordinal))
  GROUP BY target_id HAVING sum(is_other) >= 3),
step AS (
  SELECT k.target_id, k.endpoint_id, e.address, l.ordinal, w.endpoint_id IS NOT NULL AS is_there
  FROM known AS k
    JOIN looked AS l USING (target_id)
    JOIN temp.past AS p USING (ordinal)
    JOIN endpoint AS e ON e.endpoint_id = k.endpoint_id
    LEFT JOIN temp.place AS w ON w.target_id = k.target_id AND w.ordinal = l.ordinal AND w.endpoint_id = k.endpoint_id
  WHERE w.endpoint_id IS NOT NULL OR (p.asks_all AND iif(instr(e.address, ':') > 0, p.asks_ipv6, p.asks_ipv4))),
turned AS (
  SELECT target_id, endpoint_id, address, told(group_concat(is_there, ''), 1, :confirm_after, :hold, 1) AS was
  FROM (SELECT * FROM step ORDER BY target_id, endpoint_id, ordinal DESC)
  GROUP BY target_id, endpoint_id HAVING min(ordinal) = 0 AND min(is_there) <> max(is_there))
INSERT OR IGNORE INTO temp.change (scan_id, endpoint_id, kind, field, previous_scan_id, before, after, severity)
SELECT :scan_id, t.endpoint_id, iif(t.was = '0', 'address-added', 'address-removed'), 'address',
  (SELECT p.scan_id FROM temp.past AS p CROSS JOIN scan_target AS b ON b.scan_id = p.scan_id AND b.target_id = t.target_id
    WHERE p.ordinal >= 1 ORDER BY p.ordinal LIMIT 1),
  iif(t.was = '1', t.address, NULL), iif(t.was = '0', t.address, NULL), 1
FROM turned AS t
WHERE t.was IS NOT NULL AND t.target_id NOT IN (SELECT target_id FROM rotating);
