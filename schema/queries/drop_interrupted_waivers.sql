DELETE FROM finding_waiver WHERE observation_id IN (
  SELECT ob.observation_id FROM endpoint AS e JOIN observation AS ob ON ob.endpoint_id = e.endpoint_id AND ob.scan_id = ?1
  WHERE e.target_id = ?2 AND ob.outcome_id = 20);
