-- The lines that :scan_id could not use, :max_rows of them.
SELECT file, text FROM rejected_target WHERE scan_id = :scan_id LIMIT :max_rows;
