-- The A-label of a name that somebody wrote in its own letters.
SELECT host FROM target WHERE host_unicode = :host LIMIT 1;
