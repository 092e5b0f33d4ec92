-- Lines of the input that could not be used.
SELECT file, line, text, reason FROM rejected_target WHERE scan_id = :scan_id ORDER BY file, line LIMIT :max_rows
