/* Rules about protocol versions and how a server bears what it does not know. */
#include "test_support.h"

#include "rules_fixture.h"

#define ONLY_SSL3                                                                                  \
    VERSION("0x0300", "1")                                                                         \
    VERSION("0x0303", "0")                                                                         \
    VERSION("0x0304", "0") SEEN("tls_version = NULL, cipher = NULL, kx_group = NULL")

static struct rule_case cases[] = {
    {"SSLv2: off", "ssl2-enabled", SURVEYED, -1, NULL},
    {"SSLv2: nobody asked", "ssl2-enabled", "", -1, NULL},
    {"SSLv2: asked without an answer", "ssl2-enabled", SURVEYED VERSION("0x0002", "NULL"), -1,
     NULL},
    {"SSLv2: on", "ssl2-enabled",
     SURVEYED VERSION("0x0002", "1") SUITE("0x0002", "0x010080") SUITE("0x0002", "0x0700C0"), 4,
     "with SSL_CK_RC4_128_WITH_MD5, SSL_CK_DES_192_EDE3_CBC_WITH_MD5"},
    {"SSLv2: on without a suite in common", "ssl2-enabled", SURVEYED VERSION("0x0002", "1"), 4,
     "with suites that are not known"},
    {"SSLv3: off", "ssl3-enabled", SURVEYED, -1, NULL},
    {"SSLv3: asked without an answer", "ssl3-enabled", SURVEYED VERSION("0x0300", "NULL"), -1,
     NULL},
    {"SSLv3: the row was never made", "ssl3-enabled", SURVEYED WITHOUT("version", "0x0300"), -1,
     NULL},
    {"SSLv3: on, with more suites than are worth listing", "ssl3-enabled",
     SURVEYED VERSION("0x0300", "1") SUITE("0x0300", "0x0004") SUITE("0x0300", "0x0005")
         SUITE("0x0300", "0x000a") SUITE("0x0300", "0x002f") SUITE("0x0300", "0x0033")
             SUITE("0x0300", "0x0035") SUITE("0x0300", "0x0039"),
     4,
     "with TLS_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_RC4_128_SHA, "
     "TLS_RSA_WITH_3DES_EDE_CBC_SHA, TLS_RSA_WITH_AES_128_CBC_SHA, "
     "TLS_DHE_RSA_WITH_AES_128_CBC_SHA +2 more"},
    {"TLS 1.0: off", "tls10-enabled", SURVEYED, -1, NULL},
    {"TLS 1.0: nobody asked, and 1.3 was agreed on", "tls10-enabled", "", -1, NULL},
    {"TLS 1.0: asked without an answer", "tls10-enabled", SURVEYED VERSION("0x0301", "NULL"), -1,
     NULL},
    {"TLS 1.0: on", "tls10-enabled", SURVEYED VERSION("0x0301", "1") SUITE("0x0301", "0xc013"), 2,
     "with TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {"TLS 1.0: the handshake is proof", "tls10-enabled",
     SEEN("tls_version = 0x0301, cipher = 0x002f"), 2,
     "agreed on, with TLS_RSA_WITH_AES_128_CBC_SHA"},
    {"TLS 1.0: the handshake is proof, whatever the survey says", "tls10-enabled",
     SURVEYED SEEN("tls_version = 0x0301, cipher = NULL"), 2, "agreed on"},
    {"TLS 1.0: found and agreed on is one finding", "tls10-enabled",
     SURVEYED VERSION("0x0301", "1") SEEN("tls_version = 0x0301"), 2,
     "with suites that are not known"},
    {"TLS 1.1: off", "tls11-enabled", SURVEYED, -1, NULL},
    {"TLS 1.1: 1.0 is another rule's", "tls11-enabled", SURVEYED VERSION("0x0301", "1"), -1, NULL},
    {"TLS 1.1: asked without an answer", "tls11-enabled", SURVEYED VERSION("0x0302", "NULL"), -1,
     NULL},
    {"TLS 1.1: on", "tls11-enabled", SURVEYED VERSION("0x0302", "1"), 2,
     "with suites that are not known"},
    {"TLS 1.1: agreed on", "tls11-enabled", SEEN("tls_version = 0x0302, cipher = 0x002f"), 2,
     "agreed on, with TLS_RSA_WITH_AES_128_CBC_SHA"},

    {"TLS 1.2 at least: surveyed and there", "tls12-missing-no-tls13", SURVEYED, -1, NULL},
    {"TLS 1.2 at least: the survey found only SSLv3", "tls12-missing-no-tls13", SURVEYED ONLY_SSL3,
     3, "best version: SSLv3"},
    {"TLS 1.2 at least: not known of 1.2", "tls12-missing-no-tls13",
     SURVEYED ONLY_SSL3 VERSION("0x0303", "NULL"), -1, NULL},
    {"TLS 1.2 at least: not known of 1.3", "tls12-missing-no-tls13",
     SURVEYED ONLY_SSL3 WITHOUT("version", "0x0304"), -1, NULL},
    {"TLS 1.2 at least: what the handshake shows fills a gap", "tls12-missing-no-tls13",
     SURVEYED VERSION("0x0303", "NULL") VERSION("0x0304", "NULL") VERSION("0x0302", "1")
         SEEN("tls_version = 0x0302"),
     3, "best version: TLSv1.1"},
    {"TLS 1.2 at least: the survey knows better than a handshake at 1.1", "tls12-missing-no-tls13",
     SURVEYED SEEN("tls_version = 0x0302"), -1, NULL},
    {"TLS 1.2 at least: a server that speaks nothing", "tls12-missing-no-tls13",
     SURVEYED ONLY_SSL3 VERSION("0x0300", "0"), -1, NULL},
    {"TLS 1.3: surveyed and there", "tls13-missing", SURVEYED, -1, NULL},
    {"TLS 1.3: the survey says no", "tls13-missing",
     SURVEYED VERSION("0x0304", "0") SEEN("tls_version = 0x0303"), 1, "best version: TLSv1.2"},
    {"TLS 1.3: the survey says no, and no handshake came about", "tls13-missing",
     SURVEYED VERSION("0x0304", "0") SEEN("tls_version = NULL"), 1, "best version: TLSv1.2"},
    {"TLS 1.3: asked without an answer, and none was agreed on", "tls13-missing",
     SURVEYED VERSION("0x0304", "NULL") SEEN("tls_version = NULL"), -1, NULL},
    {"TLS 1.3: asked without an answer, and 1.2 was agreed on", "tls13-missing",
     SURVEYED VERSION("0x0304", "NULL") SEEN("tls_version = 0x0303"), 1, NULL},
    {"TLS 1.3: found, though 1.2 was agreed on", "tls13-missing",
     SURVEYED SEEN("tls_version = 0x0303"), -1, NULL},
    {"TLS 1.3: gives way where 1.2 is missing too", "tls13-missing", SURVEYED ONLY_SSL3, -1, NULL},
    {"TLS 1.3: known to be missing, while 1.2 is not known", "tls13-missing",
     SURVEYED ONLY_SSL3 VERSION("0x0303", "NULL"), 1, "best version: SSLv3"},

    {"sentinel: there", "downgrade-sentinel-missing", SURVEYED, -1, NULL},
    {"sentinel: not looked for", "downgrade-sentinel-missing", SURVEYED WITHOUT("trait", "14"), -1,
     NULL},
    {"sentinel: not measured", "downgrade-sentinel-missing",
     SURVEYED TRAIT_AT("0x0303", "14", "NULL"), -1, NULL},
    {"sentinel: missing", "downgrade-sentinel-missing", SURVEYED TRAIT_AT("0x0303", "14", "0"), 1,
     "no mark in an answer in TLSv1.2, though TLSv1.3 is accepted"},
    {"sentinel: missing at two versions", "downgrade-sentinel-missing",
     SURVEYED TRAIT_AT("0x0303", "14", "0") TRAIT_AT("0x0302", "14", "0"), 1,
     "no mark in an answer in TLSv1.1, though TLSv1.3 is accepted; no mark in an answer in "
     "TLSv1.2, "
     "though TLSv1.3 is accepted"},
    {"sentinel: a server without 1.3 has none", "downgrade-sentinel-missing",
     SURVEYED TRAIT_AT("0x0303", "14", "0") VERSION("0x0304", "0"), -1, NULL},
    {"sentinel: 1.3 is not known", "downgrade-sentinel-missing",
     SURVEYED TRAIT_AT("0x0303", "14", "0") VERSION("0x0304", "NULL"), -1, NULL},
    {"fallback: refused", "fallback-scsv-missing", SURVEYED, -1, NULL},
    {"fallback: not measured", "fallback-scsv-missing",
     SURVEYED TRAIT_SAYS("13", "NULL", "NULL", "'one version alone'"), -1, NULL},
    {"fallback: taken", "fallback-scsv-missing", SURVEYED TRAIT("13", "0"), 1,
     "a hello that says it fell back is answered"},

    {"versions to come: borne", "version-intolerant", SURVEYED, -1, NULL},
    {"versions to come: not measured", "version-intolerant", SURVEYED TRAIT("28", "NULL"), -1,
     NULL},
    {"versions to come: refused", "version-intolerant",
     SURVEYED TRAIT_SAYS("28", "0", "NULL", "'reset'"), 2,
     "a hello for a version that does not exist yet is not answered: reset"},
    {"unknown values: borne", "extension-intolerant", SURVEYED, -1, NULL},
    {"unknown values: not measured", "extension-intolerant", SURVEYED TRAIT("29", "NULL"), -1,
     NULL},
    {"unknown values: refused", "extension-intolerant",
     SURVEYED TRAIT_SAYS("29", "0", "NULL", "'group'"), 2,
     "a hello with values reserved for this is not answered: group"},
    {"large hello: borne", "large-hello-intolerant", SURVEYED, -1, NULL},
    {"large hello: not measured", "large-hello-intolerant",
     SURVEYED TRAIT("30", "NULL") TRAIT("31", "NULL"), -1, NULL},
    {"large hello: refused", "large-hello-intolerant", SURVEYED TRAIT("30", "0"), 2,
     "a hello larger than a packet is not answered"},
    {"large hello: in two segments refused", "large-hello-intolerant", SURVEYED TRAIT("31", "0"), 2,
     "a hello in two segments is not answered"},
    {"large hello: both", "large-hello-intolerant", SURVEYED TRAIT("30", "0") TRAIT("31", "0"), 2,
     "a hello larger than a packet is not answered; a hello in two segments is not answered"},
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("rules_versions", tests, NULL, NULL);
}
