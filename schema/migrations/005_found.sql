-- Step 5: targets that no line of the list named.

ALTER TABLE scan_target ADD COLUMN
  found_in TEXT;                        -- --expand-names: the host whose certificate had the name; NULL for what was listed
