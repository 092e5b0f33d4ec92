-- The counts of the closing summary of :scan_id, in one row. Who ended well or asked for a client certificate (18), or
-- showed a certificate before it failed, has answered: as on the page. What is not valid yet is not trusted there and here.
SELECT s.state, (SELECT count(*) FROM scan_target AS st WHERE st.scan_id = s.scan_id) AS targets,
  (SELECT count(*) FROM rejected_target AS r WHERE r.scan_id = s.scan_id) AS rejected,
  count(ob.observation_id) AS endpoints, coalesce(sum(ob.outcome_id IN (0, 18) OR ob.leaf_id IS NOT NULL), 0) AS answered,
  coalesce(sum(c.not_after_s < s.as_of_s), 0) AS expired,
  coalesce(sum(c.not_after_s >= s.as_of_s AND c.not_after_s < s.as_of_s + 30 * 86400), 0) AS expiring,
  coalesce(sum(ob.chain_status = 'incomplete'), 0) AS incomplete,
  coalesce(sum(ob.trusted = 0 AND ob.trust_detail NOT IN ('expired', 'incomplete-chain')), 0) AS untrusted,
  coalesce(sum(ob.name_match = 0), 0) AS wrong_name,
  coalesce(sum(ob.leaf_id IS NOT NULL), 0) AS with_certificate
FROM scan AS s
  LEFT JOIN observation AS ob ON ob.scan_id = s.scan_id
  LEFT JOIN certificate AS c ON c.certificate_id = ob.leaf_id
WHERE s.scan_id = :scan_id GROUP BY s.scan_id;
