-- Step 6: targets of one scan that are examined less or more than its others, as groups of a configuration file say.

ALTER TABLE scan_target ADD COLUMN
  profile TEXT;                         -- quick, standard or deep; NULL where it is the scan's
CREATE INDEX scan_target_profile ON scan_target (scan_id, profile) WHERE profile IS NOT NULL;
