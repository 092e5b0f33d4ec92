#include "test_support.h"

#include "nights_fleet.h"

/* Leaves: A and what may follow it. `key` tells keys apart. */
static const char k_leaves[] =
    "WITH leaf (id, key, names, organization, key_type, key_bits) AS (VALUES "
    "('A', 'a', 'example.org www.example.org', 'Let''s Encrypt', 'RSA', 2048), "
    "('B', 'b', 'example.org www.example.org', 'Let''s Encrypt', 'RSA', 2048), "
    "('C', 'c', 'example.org www.example.org', 'Let''s Encrypt', 'RSA', 2048), "
    "('K', 'a', 'example.org www.example.org', 'Let''s Encrypt', 'RSA', 2048), "
    "('D', 'd', 'example.org www.example.org', 'DigiCert Inc', 'RSA', 2048), "
    "('L', 'l', 'www.example.org', 'Let''s Encrypt', 'RSA', 2048), "
    "('M', 'm', 'example.org new.example.org www.example.org', 'Let''s Encrypt', 'RSA', 2048), "
    "('E', 'e', 'example.org www.example.org', 'Let''s Encrypt', 'ECDSA P-256', 256), "
    "('S', 's', 'example.org www.example.org', 'Let''s Encrypt', 'RSA', 1024), "
    "('X', 'x', 'localhost', 'Snake Oil', 'RSA', 2048)) "
    "INSERT INTO certificate (certificate_id, sha256, spki_sha256, subject_cn, subject, issuer, "
    "issuer_organization, key_type, key_bits, names_count) SELECT unicode(id), "
    "CAST(substr(id || printf('%032d', 0), 1, 32) AS BLOB), "
    "CAST(substr(key || printf('%032d', 0), 1, 32) AS BLOB), 'www.example.org', "
    "'CN=www.example.org', 'O=' || organization, organization, key_type, key_bits, 2 FROM leaf; "
    "WITH RECURSIVE leaf (id, name, rest) AS (VALUES (65, '', 'example.org www.example.org '), "
    "(66, '', 'example.org www.example.org '), (67, '', 'example.org www.example.org '), "
    "(75, '', 'example.org www.example.org '), (68, '', 'example.org www.example.org '), "
    "(76, '', 'www.example.org '), (77, '', 'example.org new.example.org www.example.org '), "
    "(69, '', 'example.org www.example.org '), (83, '', 'example.org www.example.org '), "
    "(88, '', 'localhost ') UNION ALL SELECT id, substr(rest, 1, instr(rest, ' ') - 1), "
    "substr(rest, instr(rest, ' ') + 1) FROM leaf WHERE rest <> '') "
    "INSERT INTO certificate_name SELECT id, 'dns', name FROM leaf WHERE name <> '';";

static const char k_fleet[] =
    "INSERT INTO certificate (certificate_id, sha256, subject_cn, is_ca) VALUES "
    "(1, zeroblob(32), 'R10', 1), (2, CAST(printf('%032d', 2) AS BLOB), 'R11', 1);"
    "INSERT INTO chain VALUES (1, x'01'), (2, x'02');"
    "INSERT INTO chain_certificate VALUES (1, 1, 1), (2, 1, 2);"
    "INSERT INTO target (target_id, protocol, host, port) VALUES "
    "(1, 'https', 'www.example.org', 443), (2, 'https', 'mail.example.org', 443), (3, 'https', "
    "'news.example.org', 443);"
    "INSERT INTO endpoint (endpoint_id, target_id, address) VALUES (11, 1, '192.0.2.1'), "
    "(12, 1, '192.0.2.2'), (13, 1, '192.0.2.3'), (14, 1, '192.0.2.4'), (15, 1, '192.0.2.5'), "
    "(16, 1, '2001:db8::6'), (19, 1, ''), (21, 2, '192.0.2.1'), (29, 2, ''), (31, 3, '192.0.2.1');"
    "INSERT INTO rule (rule_id, name, severity, title, why, remedy, source, reads_survey, "
    "last_scan_id) VALUES (1, 'cert-expired', 4, '', '', '', '', 0, 1000), "
    "(2, 'cert-expiring', 2, '', '', '', '', 0, 1000), "
    "(3, 'chain-root-sent', 0, '', '', '', '', 0, 1000), "
    "(4, 'tls10-enabled', 2, '', '', '', '', 1, 1000), "
    "(5, 'starttls-missing', 3, '', '', '', '', 0, 1000), "
    "(6, 'extension-intolerant', 1, '', '', '', '', 1, 1000), "
    "(7, 'cert-renewal-due', 0, '', '', '', '', 0, 1000), "
    "(8, 'dropped-rule', 2, '', '', '', '', 0, 2);";

void nights_fill(sqlite3 *db)
{
    const char *const texts[] = {k_leaves, k_fleet};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char *message = NULL;
        if (sqlite3_exec(db, texts[i], NULL, NULL, &message) != SQLITE_OK) {
            fail_msg("%s", message);
        }
        sqlite3_free(message);
    }
}
