-- The changes of :scan_id as mail and page group them: 0 new problems, 1 lost, 2 changed, 3 fixed; in each the targets
-- with the worst first. What changed beside a new problem stands with it. Addresses of a target that changed alike are
-- one row. :owner_label is the label that names owners; :split keeps one group, as the page has them by :group_label.
-- `place` is where the scan has the target: 2 with a certificate, 1 without, 0 nowhere. `change` is the table, or the
-- comparison that stands before it.
WITH said AS (
  SELECT CASE
      WHEN ch.kind IN ('became-unreachable', 'target-removed', 'address-removed') THEN 1
      WHEN ch.kind IN ('became-reachable', 'finding-fixed') THEN 3
      WHEN ch.severity <= 1 AND ch.kind IN ('trust-changed', 'grade-changed', 'version-disabled') THEN 3
      WHEN ch.kind = 'finding-new' OR ch.severity >= 2 THEN 0
      ELSE 2 END AS part,
    t.target_id, t.host, t.port, iif(st.target_id IS NULL, sp.label_set_id, st.label_set_id) AS label_set_id,
    coalesce(st.endpoints_count, 1) AS places, ch.kind, ch.field, ch.before, ch.after, max(ch.severity) AS severity,
    count(*) AS num_addresses, min(e.address) AS address
  FROM change AS ch
    CROSS JOIN endpoint AS e ON e.endpoint_id = ch.endpoint_id
    CROSS JOIN target AS t ON t.target_id = e.target_id
    LEFT JOIN scan_target AS st ON st.scan_id = ch.scan_id AND st.target_id = t.target_id
    LEFT JOIN scan_target AS sp ON sp.scan_id = ch.previous_scan_id AND sp.target_id = t.target_id
  WHERE ch.scan_id = :scan_id AND ch.severity >= :min_severity
    AND (:split IS NULL OR :split = CASE :group_label WHEN '' THEN coalesce(t.registrable_domain, '(no domain)') ELSE coalesce(
      (SELECT g.value FROM label AS g WHERE g.label_set_id = iif(st.target_id IS NULL, sp.label_set_id, st.label_set_id)
        AND g.name = :group_label ORDER BY g.position LIMIT 1), '(none)') END)
  GROUP BY part, t.target_id, ch.kind, ch.field, ch.before, ch.after),
placed AS (
  SELECT *, iif(part = 2 AND min(part) OVER (PARTITION BY target_id, part % 2) = 0, 0, part) AS told FROM said)
SELECT told AS part, target_id, host, port,
  (SELECT l.value FROM label AS l WHERE l.label_set_id = placed.label_set_id AND l.name = :owner_label
    ORDER BY l.position LIMIT 1) AS owner,
  kind, field, before, after, severity, places, num_addresses, address,
  max(severity) OVER (PARTITION BY told, target_id) AS worst,
  coalesce((SELECT max(1 + (ob.leaf_id IS NOT NULL OR ob.outcome_id IN (0, 18))) FROM endpoint AS e
    JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id = :scan_id
    WHERE e.target_id = placed.target_id), 0) AS place
FROM placed
ORDER BY told, worst DESC, host, port, target_id, severity DESC, kind, field, before, after;
