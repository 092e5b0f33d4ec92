UPDATE scan SET state = 'running', finished_s = NULL, runs = runs + 1 WHERE scan_id = :scan_id;
