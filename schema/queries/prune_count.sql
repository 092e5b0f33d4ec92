-- What a database holds, and how many pages of it are free.
SELECT (SELECT count(*) FROM scan), (SELECT count(*) FROM observation), (SELECT count(*) FROM certificate),
  (SELECT f.freelist_count FROM pragma_freelist_count AS f), (SELECT s.page_size FROM pragma_page_size AS s);
