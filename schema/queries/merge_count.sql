-- What was taken from one file.
SELECT (SELECT count(*) FROM temp.merge_scan WHERE joins = 0), (SELECT count(*) FROM temp.merge_scan WHERE joins = 1),
  (SELECT count(*) FROM temp.map_observation),
  (SELECT count(*) FROM main.certificate AS c
    WHERE c.certificate_id > (SELECT k.id FROM temp.merge_mark AS k WHERE k.name = 'certificate'));
