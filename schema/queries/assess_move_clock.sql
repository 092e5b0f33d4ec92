UPDATE scan SET as_of_s = :as_of_s WHERE scan_id = :scan_id AND as_of_s <> :as_of_s;
