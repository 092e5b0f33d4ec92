-- References are not checked row by row (prune.c), so what hangs on an observation goes with it by hand, here and below.
DELETE FROM observation
WHERE scan_id IN (SELECT p.scan_id FROM temp.prune_scan AS p WHERE p.goes = 1)
  AND observation_id NOT IN (SELECT y.observation_id FROM temp.prune_stays AS y);
DELETE FROM handshake_message WHERE observation_id NOT IN (SELECT o.observation_id FROM observation AS o);
DELETE FROM other_chain WHERE observation_id NOT IN (SELECT o.observation_id FROM observation AS o);
DELETE FROM finding_waiver WHERE observation_id NOT IN (SELECT o.observation_id FROM observation AS o);
