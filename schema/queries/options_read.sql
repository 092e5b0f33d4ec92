-- The stored options of a scan as name and value, a list's values in their order.
SELECT o.key AS name, coalesce(item.value, o.value) AS value
FROM json_each(:options) AS o
LEFT JOIN json_each(CASE o.type WHEN 'array' THEN o.value ELSE '[]' END) AS item
ORDER BY o.id, item.key;
