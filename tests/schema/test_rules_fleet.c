#include "test_support.h"

#include "rules_fixture.h"

/* A second address of target 1, which showed the same. */
#define SECOND_ADDRESS                                                                             \
    "UPDATE scan_target SET endpoints_count = 2; INSERT INTO endpoint (endpoint_id, target_id, "   \
    "address) VALUES (50, 1, "                                                                     \
    "'192.0.2.50');" OTHER_LEAF("50")                                                              \
        OTHER_SEEN("50") "UPDATE observation SET leaf_id = 3 WHERE observation_id = 50;"
#define SECOND(set) "UPDATE observation SET " set " WHERE observation_id = 50;"
#define OTHER(set)  "UPDATE certificate SET " set " WHERE certificate_id = 102;"
#define SAME_KEY    OTHER("spki_sha256 = unhex64(1003)")

static struct rule_case cases[] = {
    {"mismatch: the name fits", "cert-name-mismatch", "", -1, NULL},
    {"mismatch: it does not", "cert-name-mismatch",
     SEEN("name_match = 0, cn_match = 0")
         LEAF("subject_cn = 'a.example.com', subject = 'CN=a.example.com'"),
     4, "asked for www.example.org; leaf CN=a.example.com is for example.org, www.example.org"},
    {"mismatch: the name that was sent", "cert-name-mismatch",
     SEEN("name_match = 0, cn_match = 0") "UPDATE target SET sni = 'other.example.org';", 4,
     "asked for other.example.org; leaf CN=www.example.org is for example.org, www.example.org"},
    {"mismatch: more names than are worth listing", "cert-name-mismatch",
     SEEN("name_match = 0, cn_match = 0") "INSERT INTO certificate_name VALUES (3, 'dns', "
                                          "'a.example'), (3, 'ip', '192.0.2.9'), "
                                          "(3, 'email', 'x@example.org');",
     4,
     "asked for www.example.org; leaf CN=www.example.org is for a.example, example.org, "
     "www.example.org and 1 more"},
    {"mismatch: the common name does not help beside other names", "cert-name-mismatch",
     SEEN("name_match = 0, cn_match = 1"), 4,
     "asked for www.example.org; leaf CN=www.example.org is for example.org, www.example.org; its "
     "common name fits, but clients look at the alternative names only"},
    {"mismatch: a common name alone is another rule's", "cert-name-mismatch",
     SEEN("name_match = 0, cn_match = 1") "DELETE FROM certificate_name;", -1, NULL},
    {"mismatch: no names at all", "cert-name-mismatch",
     SEEN("name_match = 0, cn_match = NULL") "DELETE FROM certificate_name;", 4,
     "asked for www.example.org; leaf CN=www.example.org is for no name"},
    {"mismatch: not known", "cert-name-mismatch", SEEN("name_match = NULL"), -1, NULL},
    {"common name: the only one that fits", "cert-cn-only",
     SEEN("name_match = 0, cn_match = 1") "DELETE FROM certificate_name;", 3,
     "asked for www.example.org, which is only the common name of leaf CN=www.example.org"},
    {"common name: an address beside it is no DNS name", "cert-cn-only",
     SEEN("name_match = 0, cn_match = 1") "DELETE FROM certificate_name; INSERT INTO "
                                          "certificate_name VALUES (3, 'ip', '192.0.2.1');",
     3, NULL},
    {"common name: other DNS names beside it", "cert-cn-only", SEEN("name_match = 0, cn_match = 1"),
     -1, NULL},
    {"common name: neither fits", "cert-cn-only",
     SEEN("name_match = 0, cn_match = 0") "DELETE FROM certificate_name;", -1, NULL},
    {"common name: the alternative names fit too", "cert-cn-only", "", -1, NULL},

    {"uses: serverAuth and digitalSignature", "cert-eku-ku", "", -1, NULL},
    {"uses: clientAuth beside it", "cert-eku-ku", LEAF("ext_key_usage = 3, key_usage = 5"), -1,
     NULL},
    {"uses: without serverAuth", "cert-eku-ku", LEAF("ext_key_usage = 2"), 2,
     "leaf CN=www.example.org: extended key usage without serverAuth"},
    {"uses: any, for a private one", "cert-eku-ku",
     LEAF("ext_key_usage = 64, policy = NULL, sct_count = 0"), -1, NULL},
    {"uses: any, for a public one", "cert-eku-ku", LEAF("ext_key_usage = 64"), 2,
     "leaf CN=www.example.org: extended key usage allows anyExtendedKeyUsage"},
    {"uses: none said, for a public one", "cert-eku-ku", LEAF("ext_key_usage = NULL"), 2,
     "leaf CN=www.example.org: no extended key usage"},
    {"uses: none said, for a private one", "cert-eku-ku",
     LEAF("ext_key_usage = NULL, policy = NULL, sct_count = 0"), -1, NULL},
    {"uses: code signing and mail too", "cert-eku-ku", LEAF("ext_key_usage = 13"), 2,
     "leaf CN=www.example.org: extended key usage allows codeSigning emailProtection"},
    {"uses: code signing too, for a private one", "cert-eku-ku",
     LEAF("ext_key_usage = 5, policy = NULL, sct_count = 0"), -1, NULL},
    {"uses: code signing, self-signed", "cert-eku-ku",
     LEAF("ext_key_usage = 5") SEEN("verified_depth = NULL, verified_chain_id = NULL"), -1, NULL},
    {"uses: no key usage at all", "cert-eku-ku", LEAF("key_usage = NULL"), -1, NULL},
    {"uses: key encipherment only", "cert-eku-ku", LEAF("key_type = 'RSA', key_usage = 4"), 2,
     "leaf CN=www.example.org: key usage without digitalSignature"},
    {"uses: may sign certificates", "cert-eku-ku", LEAF("key_usage = 97"), 2,
     "leaf CN=www.example.org: key usage allows keyCertSign cRLSign"},
    {"uses: a CA as leaf may", "cert-eku-ku", LEAF("key_usage = 97, is_ca = 1"), -1, NULL},
    {"uses: several", "cert-eku-ku", LEAF("key_usage = 32, ext_key_usage = 2"), 2,
     "leaf CN=www.example.org: extended key usage without serverAuth, key usage without "
     "digitalSignature, key usage allows keyCertSign"},
    {"uses: nothing could be read", "cert-eku-ku",
     LEAF("key_usage = NULL, ext_key_usage = NULL, parse_error = 'garbage'"), -1, NULL},

    {"serial: all differ", "cert-serial-duplicate", OTHER_HOST("2"), -1, NULL},
    {"serial: another host's is the same", "cert-serial-duplicate",
     OTHER_HOST("2") OTHER("serial_hex = '03:AA'"), 4,
     "leaf CN=www.example.org: serial 03:AA of CN=Test CA 1 also names CN=host2.example.net "
     "(sha256 0000000000000066…)"},
    {"serial: of another CA", "cert-serial-duplicate",
     OTHER_HOST("2") OTHER("serial_hex = '03:AA', issuer = 'CN=Other CA'"), -1, NULL},
    {"serial: a certificate that only an earlier scan met", "cert-serial-duplicate",
     OTHER_LEAF("2") OTHER("serial_hex = '03:AA'"), 4, NULL},
    {"serial: self-signed ones are CAs of their own", "cert-serial-duplicate",
     OTHER_HOST("2") OTHER("serial_hex = '03:AA', is_self_signed = 1") LEAF("is_self_signed = 1"),
     -1, NULL},
    {"serial: a precertificate shares it by design", "cert-serial-duplicate",
     OTHER_HOST("2") OTHER("serial_hex = '03:AA', is_precert = 1"), -1, NULL},
    {"serial: unknown ones are not the same", "cert-serial-duplicate",
     OTHER_HOST("2") OTHER("serial_hex = NULL") LEAF("serial_hex = NULL"), -1, NULL},

    {"key: each host its own", "key-shared", OTHER_HOST("2"), -1, NULL},
    {"key: two certificates, one key", "key-shared", OTHER_HOST("2") SAME_KEY, 1,
     "key sha256 00000000000003eb… is on 2 hosts: host2.example.net, www.example.org"},
    {"key: one certificate that names both hosts", "key-shared",
     OTHER_HOST("2") "UPDATE observation SET leaf_id = 3;", -1, NULL},
    {"key: one certificate that does not", "key-shared",
     OTHER_HOST("2") "UPDATE observation SET leaf_id = 3; UPDATE observation SET name_match = 0 "
                     "WHERE observation_id = 2;",
     1, NULL},
    {"key: one host at two addresses", "key-shared",
     SECOND_ADDRESS "UPDATE certificate SET spki_sha256 = unhex64(1003) WHERE certificate_id = "
                    "150;" SECOND("leaf_id = 150"),
     -1, NULL},
    {"key: the same server by its address", "key-shared",
     OTHER_HOST("2") SAME_KEY "UPDATE target SET host = '192.0.2.2' WHERE target_id = 2;", -1,
     NULL},
    {"key: not with another scan", "key-shared",
     OTHER_HOST("2") SAME_KEY
     "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, tool_version, "
     "options_json, trust_store) VALUES (2, 'two', 'quick', 'done', 1, 1, '0', '{}', '');"
     "UPDATE observation SET scan_id = 2 WHERE observation_id = 2;",
     -1, NULL},
    {"key: many hosts", "key-shared",
     OTHER_HOST("2") OTHER_HOST("3") OTHER_HOST("4") OTHER_HOST(
         "5") "UPDATE certificate SET spki_sha256 = unhex64(1003) WHERE certificate_id > 100;",
     1,
     "key sha256 00000000000003eb… is on 5 hosts: host2.example.net, host3.example.net, "
     "host4.example.net, host5.example.net and 1 more"},

    {"addresses: they agree", "backend-inconsistent", SECOND_ADDRESS, -1, NULL},
    {"addresses: two certificates", "backend-inconsistent", SECOND_ADDRESS SECOND("leaf_id = 150"),
     1, "2 addresses, 2 certificates (here CN=www.example.org until 2027-02-18)"},
    {"addresses: two versions and suites", "backend-inconsistent",
     SECOND_ADDRESS SECOND("tls_version = 0x0303, cipher = 0xc02f"), 1,
     "2 addresses, 2 TLS versions (here TLSv1.3), 2 cipher suites (here TLS_AES_128_GCM_SHA256)"},
    {"addresses: one that showed nothing", "backend-inconsistent",
     SECOND_ADDRESS SECOND("leaf_id = NULL, tls_version = NULL, cipher = NULL, outcome_id = 6"), -1,
     NULL},
    {"addresses: two names are two names", "backend-inconsistent",
     OTHER_HOST("2") "UPDATE scan_target SET endpoints_count = 2;", -1, NULL},
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("rules_fleet", tests, NULL, NULL);
}
