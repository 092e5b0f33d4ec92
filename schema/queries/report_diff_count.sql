-- How much there is to say. `change` is the table, or the comparison that stands before it.
SELECT count(*) FROM change WHERE scan_id = :scan_id AND severity >= :min_severity;
