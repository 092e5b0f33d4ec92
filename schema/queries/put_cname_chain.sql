INSERT INTO cname_chain (names) VALUES (?);
