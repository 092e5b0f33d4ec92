-- One line may be rejected for several of its targets: its reasons are joined.
INSERT INTO rejected_target (scan_id, file, line, text, reason) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (scan_id, file, line, text) DO UPDATE SET reason = reason || '; ' || excluded.reason
WHERE instr(reason, excluded.reason) = 0 AND length(reason) < 500;
