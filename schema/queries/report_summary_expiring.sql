-- The three hosts of :scan_id whose certificate ends first among those that have ended (:expired 1), or that end within
-- 30 days (:expired 0).
SELECT t.host, t.port, min((c.not_after_s - s.as_of_s) / 86400 - ((c.not_after_s - s.as_of_s) % 86400 < 0)) AS days_left
FROM scan AS s
  JOIN observation AS ob ON ob.scan_id = s.scan_id
  JOIN certificate AS c ON c.certificate_id = ob.leaf_id
  JOIN endpoint AS e ON e.endpoint_id = ob.endpoint_id
  JOIN target AS t ON t.target_id = e.target_id
WHERE s.scan_id = :scan_id AND (c.not_after_s < s.as_of_s) = :expired AND c.not_after_s < s.as_of_s + 30 * 86400
GROUP BY t.host, t.port ORDER BY min(c.not_after_s), t.host, t.port LIMIT 3;
