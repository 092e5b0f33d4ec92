-- Notes the certificates of :observation_id that the stream has not sent yet, leaf first: as sent, on the verified path,
-- and what the server sent when it was asked differently.
INSERT OR IGNORE INTO sent_certificate (certificate_id)
SELECT ob.leaf_id FROM observation AS ob WHERE ob.observation_id = :observation_id AND ob.leaf_id IS NOT NULL
UNION ALL
SELECT m.certificate_id FROM observation AS ob CROSS JOIN chain_certificate AS m ON m.chain_id = ob.presented_chain_id
WHERE ob.observation_id = :observation_id
UNION ALL
SELECT m.certificate_id FROM observation AS ob CROSS JOIN chain_certificate AS m ON m.chain_id = ob.verified_chain_id
WHERE ob.observation_id = :observation_id
UNION ALL
SELECT x.leaf_id FROM other_chain AS x WHERE x.observation_id = :observation_id
UNION ALL
SELECT m.certificate_id FROM other_chain AS x CROSS JOIN chain_certificate AS m ON m.chain_id = x.presented_chain_id
WHERE x.observation_id = :observation_id
UNION ALL
SELECT m.certificate_id FROM other_chain AS x CROSS JOIN chain_certificate AS m ON m.chain_id = x.verified_chain_id
WHERE x.observation_id = :observation_id;
