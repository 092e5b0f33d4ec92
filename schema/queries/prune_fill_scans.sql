-- A scan goes when it is older than the :keep_scans newest that are done and whole, and begun before :before_s (NULL: any
-- time). What has not finished counts for none of them, and stays while it is newer.
WITH ordered AS (
  SELECT scan_id, started_s, state = 'done' AND instr(notices, 'pruned: ') = 0 AS counts,
    row_number() OVER (ORDER BY started_s, scan_id) AS place
  FROM scan)
INSERT INTO temp.prune_scan (scan_id, place, goes)
SELECT scan_id, place, (:before_s IS NULL OR started_s < :before_s)
  AND place < coalesce((SELECT k.place FROM ordered AS k WHERE k.counts
    ORDER BY k.place DESC LIMIT 1 OFFSET :keep_scans - 1), 0)
FROM ordered;
