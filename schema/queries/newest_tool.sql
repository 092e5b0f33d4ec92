-- Which program wrote last: for the message about a file of another version.
SELECT tool_version FROM scan ORDER BY started_s DESC, scan_id DESC LIMIT 1;
