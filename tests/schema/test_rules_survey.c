/* Rules about STARTTLS, default certificates, and what several endpoints of a scan have together.
 */
#include "test_support.h"

#include "rules_fixture.h"

/* Host 2 accepts SSL 2.0 with an RSA key, which is observation 1's too where SAME_KEY says so. */
#define SSL2_AT_HOST2                                                                              \
    OTHER_HOST("2")                                                                                \
    SURVEYED OTHER_SET("2") FEATURE(                                                               \
        "2", "version", "0", "0x0002", "1", "NULL",                                                \
        "NULL") "UPDATE observation SET feature_set_id = 2 WHERE observation_id = 2;" RSA("102")
#define RSA(certificate)                                                                           \
    "UPDATE certificate SET key_type = 'RSA', key_bits = 2048 WHERE certificate_id = " certificate \
    ";"
#define SAME_KEY(certificate)                                                                      \
    "UPDATE certificate SET spki_sha256 = unhex64(1003) WHERE certificate_id = " certificate ";"
/* What is served by default is the certificate for the right name. */
#define SAME_BY_DEFAULT TRAIT("23", "1") TRAIT("24", "1") TRAIT("25", "1")
#define OTHER_SAYS(set) "UPDATE other_chain SET " set ";"
#define OTHER_KEY(more) OTHER_CHAIN("1", "other-key", OTHER_SAYS("name_match = 1") more)
/* As LEAF_LIFE, of the leaf of the other chain. */
#define OTHER_ENDS(life, left)                                                                     \
    "UPDATE certificate SET not_after_s = " NOW " + (" left ") - 1, not_before_s = " NOW           \
    " + (" left ") - (" life ") WHERE certificate_id = 201;"                                       \
    "UPDATE other_chain SET chain_not_after_s = (SELECT not_after_s FROM certificate WHERE "       \
    "certificate_id = leaf_id);"
/* Observation 1 is of a mail server: plain at a port, and `implicit` beside it. */
#define MAIL(protocol, port)                                                                       \
    "UPDATE target SET protocol = '" protocol "', port = " port " WHERE target_id = 1;"
#define BESIDE(protocol, port)                                                                     \
    OTHER_HOST("2")                                                                                \
    "UPDATE target SET host = 'www.example.org', protocol = '" protocol "', port = " port          \
    " WHERE target_id = 2;"
#define REFUSED(words)                                                                             \
    SEEN("outcome_id = 9, outcome_stage = 'starttls', leaf_id = NULL, presented_chain_id = NULL, " \
         "verified_chain_id = NULL, verified_depth = NULL, trusted = NULL, chain_status = NULL, "  \
         "tls_version = NULL, cipher = NULL, outcome_detail = '" words "'")
/* A second address of target 1, which showed the same but has feature set 2. */
#define SECOND_ADDRESS                                                                             \
    SURVEYED OTHER_SET(                                                                            \
        "2") "UPDATE scan_target SET endpoints_count = 2; INSERT INTO endpoint (endpoint_id, "     \
             "target_id, "                                                                         \
             "address) VALUES (50, 1, '192.0.2.50');" OTHER_LEAF("50")                             \
                 OTHER_SEEN("50") "UPDATE observation SET leaf_id = 3, feature_set_id = 2 WHERE "  \
                                  "observation_id = 50;"

static struct rule_case cases[] = {
    {"DROWN: nobody has SSL 2.0", "drown-shared-key",
     OTHER_HOST("2") SURVEYED RSA("3") RSA("102") SAME_KEY("102"), -1, NULL},
    {"DROWN: another host has, with another key", "drown-shared-key", SSL2_AT_HOST2 RSA("3"), -1,
     NULL},
    {"DROWN: another host has, with this key", "drown-shared-key",
     SSL2_AT_HOST2 RSA("3") SAME_KEY("102"), 4,
     "SSLv2 with the same RSA key (sha256 00000000000003eb…) is accepted at host2.example.net:443"},
    {"DROWN: this one was not surveyed itself", "drown-shared-key",
     SSL2_AT_HOST2 RSA("3") SAME_KEY("102") SEEN("feature_set_id = NULL"), 4, NULL},
    {"DROWN: not with a key on a curve", "drown-shared-key",
     SSL2_AT_HOST2 SAME_KEY("102") "UPDATE certificate SET key_type = 'ECDSA P-256';", -1, NULL},
    {"DROWN: it is not known whether the other host has", "drown-shared-key",
     SSL2_AT_HOST2 RSA("3") SAME_KEY("102")
         FEATURE("2", "version", "0", "0x0002", "NULL", "NULL", "NULL"),
     -1, NULL},
    {"DROWN: who has SSL 2.0 itself has the worse finding", "drown-shared-key",
     SSL2_AT_HOST2 RSA("3") SAME_KEY("102") VERSION("0x0002", "1"), -1, NULL},
    {"DROWN: the other host's second certificate", "drown-shared-key",
     SSL2_AT_HOST2 RSA("3") OTHER_CHAIN("2", "other-key", "") SAME_KEY("202"), 4, NULL},
    {"DROWN: this host's second certificate", "drown-shared-key",
     SSL2_AT_HOST2 OTHER_CHAIN("1", "other-key", "") SAME_KEY("102") SAME_KEY("201"), 4, NULL},
    {"DROWN: not the other host's default certificate", "drown-shared-key",
     SSL2_AT_HOST2 RSA("3") OTHER_CHAIN("2", "no-sni", "") SAME_KEY("202"), -1, NULL},

    {"both ways: SMTP", "opportunistic-and-implicit", MAIL("smtp", "25") BESIDE("smtps", "465"), 1,
     "smtp at port 25 beside smtps at port 465"},
    {"both ways: another host's", "opportunistic-and-implicit",
     MAIL("smtp", "25") OTHER_HOST("2") "UPDATE target SET protocol = 'smtps', port = 465 WHERE "
                                        "target_id = 2;",
     -1, NULL},
    {"both ways: another service", "opportunistic-and-implicit",
     MAIL("smtp", "25") BESIDE("imaps", "993"), -1, NULL},
    {"both ways: IMAP is not known to be concerned", "opportunistic-and-implicit",
     MAIL("imap", "143") BESIDE("imaps", "993"), -1, NULL},
    {"both ways: only implicit", "opportunistic-and-implicit",
     MAIL("smtps", "465") BESIDE("smtps", "466"), -1, NULL},
    {"both ways: the implicit one did not answer", "opportunistic-and-implicit",
     MAIL("pop3", "110") BESIDE("pop3s", "995") "UPDATE observation SET leaf_id = NULL, outcome_id "
                                                "= 6 WHERE observation_id = 2;",
     -1, NULL},
    {"both ways: STARTTLS did not come about", "opportunistic-and-implicit",
     MAIL("pop3", "110") BESIDE("pop3s", "995") SEEN("leaf_id = NULL, outcome_id = 9"), -1, NULL},
    {"both ways: two implicit ports", "opportunistic-and-implicit",
     MAIL("smtp", "587") BESIDE("smtps", "465") OTHER_HOST(
         "3") "UPDATE target SET host = 'www.example.org', protocol = 'smtps', port = 466 WHERE "
              "target_id = 3;",
     1, "smtp at port 587 beside smtps at port 465; smtp at port 587 beside smtps at port 466"},

    {"default certificate: the same, and in order", "default-cert-invalid",
     SURVEYED SAME_BY_DEFAULT, -1, NULL},
    {"default certificate: the same, expired", "default-cert-invalid",
     SURVEYED SAME_BY_DEFAULT LEAF("not_after_s = " NOW " - 1"), 0,
     "without a server name and for an unknown one: leaf CN=www.example.org: expired on "
     "2026-11-30"},
    {"default certificate: expired, but not what is served by default", "default-cert-invalid",
     SURVEYED LEAF("not_after_s = " NOW " - 1"), -1, NULL},
    {"default certificate: expired, and not known what is served by default",
     "default-cert-invalid", SURVEYED TRAIT("23", "NULL") LEAF("not_after_s = " NOW " - 1"), -1,
     NULL},
    {"default certificate: for another name, as is to be expected", "default-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "unknown-sni", ""), -1, NULL},
    {"default certificate: another one, expired", "default-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "no-sni", OTHER_SAYS("chain_not_after_s = " NOW " - 1")), 0,
     "without a server name: leaf CN=other1.example.net: expired on 2026-11-30"},
    {"default certificate: another one, self-signed", "default-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "unknown-sni",
                          OTHER_SAYS("trusted = 0, trust_detail = "
                                     "'self-signed', trust_text = 'signed by "
                                     "its own key'")),
     0, "for an unknown server name: leaf CN=other1.example.net: signed by its own key"},
    {"default certificate: a chain that is only incomplete", "default-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "no-sni",
                          OTHER_SAYS("trusted = 0, trust_detail = "
                                     "'incomplete-chain'")),
     -1, NULL},
    {"default certificate: expired when it was met, but not as of now", "default-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "no-sni", OTHER_SAYS("trusted = 0, trust_detail = 'expired'")), -1,
     NULL},
    {"default certificate: not valid yet", "default-cert-invalid",
     SURVEYED OTHER_CHAIN(
         "1", "no-sni",
         OTHER_SAYS(
             "trusted = 0, trust_detail = 'not-yet-valid'")) "UPDATE certificate SET not_before_s "
                                                             "= " NOW
                                                             " + 86400 WHERE certificate_id = 201;",
     0, "without a server name: leaf CN=other1.example.net: not valid before 2026-12-02"},
    {"default certificate: the leaf of the other key is not one", "default-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "other-key", OTHER_SAYS("chain_not_after_s = " NOW " - 1")), -1,
     NULL},

    {"other key: none", "other-key-cert-invalid", SURVEYED, -1, NULL},
    {"other key: in order", "other-key-cert-invalid", SURVEYED OTHER_KEY(""), -1, NULL},
    {"other key: what is served by default is another rule's", "other-key-cert-invalid",
     SURVEYED OTHER_CHAIN("1", "no-sni", OTHER_SAYS("chain_not_after_s = " NOW " - 1")), -1, NULL},
    {"other key: its last second", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("2000 * " DAY, "1")), 2, NULL},
    {"other key: expired", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("90 * " DAY, "0")), 3,
     "leaf CN=other1.example.net (RSA): expired on 2026-11-30"},
    {"other key: an intermediate of it expired", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("chain_not_after_s = " NOW " - " DAY)), 3,
     "leaf CN=other1.example.net (RSA): expired on 2026-11-30"},
    {"other key: expired without a path", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("90 * " DAY, "0") OTHER_SAYS("chain_not_after_s = NULL")), 3,
     "leaf CN=other1.example.net (RSA): expired on 2026-11-30"},
    {"other key: not valid yet", "other-key-cert-invalid",
     SURVEYED OTHER_KEY("UPDATE certificate SET not_before_s = " NOW
                        " + 1 WHERE certificate_id = 201;"),
     3, "leaf CN=other1.example.net (RSA): not valid before 2026-12-01"},
    {"other key: valid from now on", "other-key-cert-invalid",
     SURVEYED OTHER_KEY("UPDATE certificate SET not_before_s = " NOW
                        " WHERE certificate_id = 201;"),
     -1, NULL},
    {"other key: 14 days left", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("90 * " DAY, "14 * " DAY)), -1, NULL},
    {"other key: a second less", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("90 * " DAY, "14 * " DAY " - 1")), 2,
     "leaf CN=other1.example.net (RSA): ends on 2026-12-14"},
    {"other key: a short-lived one, a quarter left", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("160 * " HOUR, "40 * " HOUR)), -1, NULL},
    {"other key: a short-lived one, a second less", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_ENDS("160 * " HOUR, "40 * " HOUR " - 1")), 2, NULL},
    {"other key: it alone is not trusted", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("trusted = 0, trust_detail = 'self-signed'")), 3,
     "leaf CN=other1.example.net (RSA): self-signed"},
    {"other key: neither is trusted", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("trusted = 0, trust_detail = 'self-signed'"))
         SEEN("trusted = 0, trust_detail = 'self-signed'"),
     -1, NULL},
    {"other key: only incomplete", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("trusted = 0, trust_detail = 'incomplete-chain'")), -1, NULL},
    {"other key: expired when it was met, but not as of now", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("trusted = 0, trust_detail = 'expired'")), -1, NULL},
    {"other key: trust was not measured", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("trusted = NULL, name_match = NULL")), -1, NULL},
    {"other key: it alone is for another name", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("name_match = 0")), 3,
     "leaf CN=other1.example.net (RSA): is for another name"},
    {"other key: neither is for this name", "other-key-cert-invalid",
     SURVEYED OTHER_KEY(OTHER_SAYS("name_match = 0")) SEEN("name_match = 0"), -1, NULL},
    {"other key: unknown dates", "other-key-cert-invalid",
     SURVEYED OTHER_KEY("UPDATE certificate SET not_before_s = NULL, not_after_s = NULL "
                        "WHERE certificate_id = 201;" OTHER_SAYS("chain_not_after_s = NULL")),
     -1, NULL},

    {"STARTTLS: an endpoint that answered", "starttls-missing", MAIL("smtp", "25"), -1, NULL},
    {"STARTTLS: SMTP does not offer it", "starttls-missing",
     MAIL("smtp", "25") REFUSED("no STARTTLS in the answer to EHLO: 250-mx 250 HELP"), 3,
     "smtp at port 25: no STARTTLS in the answer to EHLO: 250-mx 250 HELP"},
    {"STARTTLS: POP3 does not know the command", "starttls-missing",
     MAIL("pop3", "110") REFUSED("the answer to STLS is: -ERR unknown command"), 3, NULL},
    {"STARTTLS: IMAP does not offer it", "starttls-missing",
     MAIL("imap", "143") REFUSED("no STARTTLS in the answer to CAPABILITY: * CAPABILITY"), 3, NULL},
    {"STARTTLS: a database does not have it", "starttls-missing",
     MAIL("postgres", "5432") REFUSED("the answer to SSLRequest is: N (no TLS)"), 2, NULL},
    {"STARTTLS: another database", "starttls-missing",
     MAIL("mysql", "3306") REFUSED("no CLIENT_SSL among the capabilities of the greeting"), 2,
     NULL},
    {"STARTTLS: XMPP does not offer it", "starttls-missing",
     MAIL("xmpp-client", "5222") REFUSED("no starttls in the features of the stream: <x/>"), 2,
     NULL},
    {"STARTTLS: refused for good", "starttls-missing",
     MAIL("smtp", "25") REFUSED("the answer to STARTTLS is: 502 not implemented"), 3, NULL},
    {"STARTTLS: refused for now", "starttls-missing",
     MAIL("smtp", "25") REFUSED("the answer to STARTTLS is: 454 TLS not available"), -1, NULL},
    {"STARTTLS: it turned us away", "starttls-missing",
     MAIL("smtp", "25") REFUSED("the greeting is: 554 no access"), -1, NULL},
    {"STARTTLS: the dialogue failed", "starttls-missing",
     MAIL("smtp", "25") REFUSED("no STARTTLS in the answer to EHLO") SEEN("outcome_id = 10"), -1,
     NULL},
    {"leftover: none", "starttls-plaintext-leftover", SEEN("starttls_leftover_bytes = 0"), -1,
     NULL},
    {"leftover: no STARTTLS", "starttls-plaintext-leftover", "", -1, NULL},
    {"leftover: one byte", "starttls-plaintext-leftover", SEEN("starttls_leftover_bytes = 1"), 3,
     "1 byte in the clear behind the go to TLS"},
    {"leftover: several", "starttls-plaintext-leftover", SEEN("starttls_leftover_bytes = 17"), 3,
     "17 bytes in the clear behind the go to TLS"},

    {"addresses: equal features", "backend-inconsistent", SECOND_ADDRESS, -1, NULL},
    {"addresses: a version at one of them", "backend-inconsistent",
     SECOND_ADDRESS FEATURE("2", "version", "0", "0x0301", "1", "NULL", "NULL"), 1,
     "2 addresses, TLSv1.0 accepted by some only (here: no)"},
    {"addresses: a version that is not known at one of them", "backend-inconsistent",
     SECOND_ADDRESS FEATURE("2", "version", "0", "0x0303", "NULL", "NULL", "NULL"), -1, NULL},
    {"addresses: a suite at one of them", "backend-inconsistent",
     SECOND_ADDRESS FEATURE("2", "cipher", "0x0303", "0xc030", "1", "NULL", "NULL"), 1,
     "2 addresses, 1 suite of TLSv1.2 accepted by some only (here: none)"},
    {"addresses: two suites at this one", "backend-inconsistent",
     SECOND_ADDRESS SUITE("0x0303", "0xc030") SUITE("0x0303", "0xc02f"), 1,
     "2 addresses, 2 suites of TLSv1.2 accepted by some only (here: "
     "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 +1 more)"},
    {"addresses: a suite that was not asked for at one of them", "backend-inconsistent",
     SECOND_ADDRESS FEATURE("2", "cipher", "0x0303", "0xc030", "1", "NULL", "NULL")
         TRAIT_AT("0x0303", "41", "0"),
     -1, NULL},
    {"addresses: one that was not surveyed", "backend-inconsistent",
     SECOND_ADDRESS FEATURE("2", "version", "0", "0x0301", "1", "NULL", "NULL")
         SEEN("feature_set_id = NULL"),
     -1, NULL},
    {"addresses: groups may differ", "backend-inconsistent",
     SECOND_ADDRESS FEATURE("2", "group", "0x0304", "23", "1", "NULL", "NULL"), -1, NULL},
    {"addresses: one that answers as it likes", "backend-inconsistent",
     SURVEYED TRAIT_SAYS("37", "0", "NULL", "'two first suites'"), 1,
     "this address answers equal questions differently: two first suites"},
    {"addresses: not measured whether it does", "backend-inconsistent",
     SURVEYED TRAIT("37", "NULL"), -1, NULL},
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("rules_survey", tests, NULL, NULL);
}
