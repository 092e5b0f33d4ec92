-- Waivers are few, so they are asked for their scan, not the scan for its waivers.
DELETE FROM finding_waiver
WHERE EXISTS (SELECT 1 FROM observation AS o WHERE o.observation_id = finding_waiver.observation_id AND o.scan_id = :scan_id);
