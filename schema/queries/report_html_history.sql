-- What was seen of the endpoints of some observations (:observations, a JSON list) up to their scan: since when (leaves tell it where scans were pruned), in how
-- many scans, the grades of the last eight that finished, oldest first, and of the last three
-- renewals what v_renewal tells of the newest scan's.
SELECT ob.observation_id,
  min((SELECT min(s.started_s) FROM observation AS o JOIN scan AS s USING (scan_id) WHERE o.endpoint_id = ob.endpoint_id),
    coalesce((SELECT min(l.first_seen_s) FROM endpoint_leaf AS l WHERE l.endpoint_id = ob.endpoint_id), this.started_s)) AS first_seen_s,
  (SELECT count(*) FROM observation AS o JOIN scan AS s USING (scan_id)
    WHERE o.endpoint_id = ob.endpoint_id AND s.started_s <= this.started_s) AS scans,
  (SELECT group_concat(grade, ', ') FROM (SELECT grade FROM (
      SELECT coalesce(nullif(o.grade, ''), 'none') AS grade, s.started_s, s.scan_id FROM observation AS o JOIN scan AS s USING (scan_id)
      WHERE o.endpoint_id = ob.endpoint_id AND (s.state = 'done' OR s.scan_id = this.scan_id)
        AND (s.started_s, s.scan_id) <= (this.started_s, this.scan_id)
      ORDER BY s.started_s DESC, s.scan_id DESC LIMIT 8)
    ORDER BY started_s, scan_id)) AS grades,
  (SELECT group_concat(CAST(round(100 * share_left) AS INTEGER) || '%', ', ') FROM (SELECT share_left FROM (
      SELECT r.share_left, r.renewed_s, r.leaf_id FROM renewal AS r
      WHERE r.endpoint_id = ob.endpoint_id AND r.renewed_s <= this.started_s
      ORDER BY r.renewed_s DESC, r.leaf_id DESC LIMIT 3)
    ORDER BY renewed_s, leaf_id)) AS shares_left,
  (SELECT c.not_after_s + 1 - CAST(min(share_left) * (c.not_after_s + 1 - c.not_before_s) AS INTEGER) FROM (
      SELECT r.share_left FROM renewal AS r
      WHERE r.endpoint_id = ob.endpoint_id AND r.renewed_s <= this.started_s
      ORDER BY r.renewed_s DESC, r.leaf_id DESC LIMIT 3)
    HAVING min(share_left) > 0 AND c.not_after_s > c.not_before_s) AS expected_s
FROM json_each(:observations) AS wanted
  CROSS JOIN observation AS ob ON ob.observation_id = wanted.value
  CROSS JOIN scan AS this ON this.scan_id = ob.scan_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
ORDER BY ob.observation_id;
