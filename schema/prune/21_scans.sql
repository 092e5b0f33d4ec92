-- The row of a scan stays while an observation of it does, since it tells how that was made: profile, trust store, clock.
-- Its line in `notices` tells reports, `scans` and --resume that it is not whole.
DELETE FROM scan_target
WHERE scan_id IN (SELECT p.scan_id FROM temp.prune_scan AS p WHERE p.goes = 1)
  AND NOT EXISTS (SELECT 1 FROM endpoint AS e CROSS JOIN observation AS o
    ON o.scan_id = scan_target.scan_id AND o.endpoint_id = e.endpoint_id WHERE e.target_id = scan_target.target_id);
DELETE FROM rejected_target WHERE scan_id IN (SELECT p.scan_id FROM temp.prune_scan AS p WHERE p.goes = 1);
DELETE FROM change WHERE scan_id IN (SELECT p.scan_id FROM temp.prune_scan AS p WHERE p.goes = 1);
DELETE FROM scan
WHERE scan_id IN (SELECT p.scan_id FROM temp.prune_scan AS p WHERE p.goes = 1)
  AND NOT EXISTS (SELECT 1 FROM observation AS o WHERE o.scan_id = scan.scan_id);
UPDATE scan SET notices = notices || CASE notices WHEN '' THEN '' ELSE char(10) END
  || 'pruned: of this scan only that is left to which later reports refer'
WHERE scan_id IN (SELECT p.scan_id FROM temp.prune_scan AS p WHERE p.goes = 1) AND instr(notices, 'pruned: ') = 0;
