UPDATE scan SET state = :state, finished_s = :finished_s, vantage = :vantage, notices = :notices,
  input_sha256 = :input_sha256
WHERE scan_id = :scan_id;
