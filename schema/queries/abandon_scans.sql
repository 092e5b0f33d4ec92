-- Whoever holds the writer's lock is the only writer: a scan that still runs is one whose process was killed.
UPDATE scan SET state = 'interrupted' WHERE state = 'running';
