/* Rules about cipher suites. */
#include "test_support.h"

#include "rules_fixture.h"

/* A server of TLS 1.2 alone, whose suites follow. */
#define TLS12(suites)                                                                              \
    SURVEYED VERSION("0x0304", "0") WITHOUT_ALL("cipher")                                          \
        suites SEEN("tls_version = NULL, cipher = NULL")

static struct rule_case cases[] = {
    {"NULL: none", "suite-null", SURVEYED, -1, NULL},
    {"NULL: nobody asked", "suite-null", "", -1, NULL},
    {"NULL: refused", "suite-null",
     SURVEYED FEATURE("1", "cipher", "0x0303", "0x0002", "0", "NULL", "NULL"), -1, NULL},
    {"NULL: not measured", "suite-null",
     SURVEYED FEATURE("1", "cipher", "0x0303", "0x0002", "NULL", "NULL", "NULL"), -1, NULL},
    {"NULL: accepted", "suite-null", SURVEYED SUITE("0x0303", "0x0002"), 4,
     "TLS_RSA_WITH_NULL_SHA in TLSv1.2"},
    {"NULL: the integrity suites of TLS 1.3", "suite-null", SURVEYED SUITE("0x0304", "0xc0b4"), 4,
     "TLS_SHA256_SHA256 in TLSv1.3"},
    {"anonymous: none", "suite-anon", SURVEYED, -1, NULL},
    {"anonymous: accepted", "suite-anon",
     SURVEYED SUITE("0x0303", "0x0034") SUITE("0x0301", "0x0034") SUITE("0x0303", "0xc018"), 4,
     "TLS_DH_anon_WITH_AES_128_CBC_SHA, TLS_ECDH_anon_WITH_AES_128_CBC_SHA in TLSv1.0, TLSv1.2"},
    {"anonymous: not measured", "suite-anon",
     SURVEYED FEATURE("1", "cipher", "0x0303", "0x0034", "NULL", "NULL", "NULL"), -1, NULL},
    {"export: none", "suite-export", SURVEYED, -1, NULL},
    {"export: accepted", "suite-export", SURVEYED SUITE("0x0300", "0x0003"), 4,
     "TLS_RSA_EXPORT_WITH_RC4_40_MD5 in SSLv3"},
    {"export: those of SSL 2.0 go with it", "suite-export", SURVEYED SUITE("0x0002", "0x020080"),
     -1, NULL},
    {"RC4: none", "suite-rc4", SURVEYED, -1, NULL},
    {"RC4: accepted, more than are worth listing", "suite-rc4",
     SURVEYED SUITE("0x0303", "0x0004") SUITE("0x0303", "0x0005") SUITE("0x0303", "0x0018")
         SUITE("0x0303", "0xc007") SUITE("0x0303", "0xc011") SUITE("0x0303", "0xc016"),
     3,
     "TLS_RSA_WITH_RC4_128_MD5, TLS_RSA_WITH_RC4_128_SHA, TLS_DH_anon_WITH_RC4_128_MD5, "
     "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA, TLS_ECDHE_RSA_WITH_RC4_128_SHA +1 more in TLSv1.2"},
    {"RC4: an export suite is another rule's", "suite-rc4", SURVEYED SUITE("0x0300", "0x0003"), -1,
     NULL},
    {"DES: none", "suite-des-rc2", SURVEYED SUITE("0x0303", "0x000a"), -1, NULL},
    {"DES: accepted", "suite-des-rc2", SURVEYED SUITE("0x0301", "0x0009"), 4,
     "TLS_RSA_WITH_DES_CBC_SHA in TLSv1.0"},
    {"DES: an export suite is another rule's", "suite-des-rc2", SURVEYED SUITE("0x0300", "0x0006"),
     -1, NULL},
    {"64-bit blocks: none", "suite-64bit-block", SURVEYED SUITE("0x0303", "0x002f"), -1, NULL},
    {"64-bit blocks: 3DES and IDEA", "suite-64bit-block",
     SURVEYED SUITE("0x0303", "0x000a") SUITE("0x0303", "0x0007"), 2,
     "TLS_RSA_WITH_IDEA_CBC_SHA, TLS_RSA_WITH_3DES_EDE_CBC_SHA in TLSv1.2"},
    {"64-bit blocks: DES is another rule's", "suite-64bit-block",
     SURVEYED SUITE("0x0301", "0x0009"), -1, NULL},
    {"64-bit blocks: agreed on, without a survey", "suite-64bit-block",
     SEEN("tls_version = 0x0303, cipher = 0x000a"), 2,
     "TLS_RSA_WITH_3DES_EDE_CBC_SHA was agreed on in TLSv1.2"},
    {"forward secrecy: everywhere", "suite-no-fs", SURVEYED, -1, NULL},
    {"forward secrecy: nobody asked, and it was there", "suite-no-fs", "", -1, NULL},
    {"forward secrecy: static RSA", "suite-no-fs",
     SURVEYED SUITE("0x0303", "0x009c") SUITE("0x0303", "0x002f"), 2,
     "TLS_RSA_WITH_AES_128_CBC_SHA, TLS_RSA_WITH_AES_128_GCM_SHA256 in TLSv1.2"},
    {"forward secrecy: fixed ECDH", "suite-no-fs", SURVEYED SUITE("0x0303", "0xc004"), 2, NULL},
    {"forward secrecy: an export suite is another rule's", "suite-no-fs",
     SURVEYED SUITE("0x0300", "0x0003"), -1, NULL},
    {"forward secrecy: a suite without encryption is another rule's", "suite-no-fs",
     SURVEYED SUITE("0x0303", "0x0002"), -1, NULL},
    {"forward secrecy: a suite that nobody knows is not judged", "suite-no-fs",
     SURVEYED SUITE("0x0303", "0xfefd"), -1, NULL},
    {"forward secrecy: agreed on without, and no survey", "suite-no-fs",
     SEEN("tls_version = 0x0303, cipher = 0x009c"), 2,
     "TLS_RSA_WITH_AES_128_GCM_SHA256 was agreed on in TLSv1.2"},
    {"forward secrecy: the handshake is proof, whatever the survey found", "suite-no-fs",
     SURVEYED SEEN("tls_version = 0x0303, cipher = 0x009c"), 2, NULL},
    {"forward secrecy: found and agreed on is one finding", "suite-no-fs",
     SURVEYED SUITE("0x0303", "0x009c") SEEN("tls_version = 0x0303, cipher = 0x009c"), 2,
     "TLS_RSA_WITH_AES_128_GCM_SHA256 in TLSv1.2"},
    {"AEAD: there", "suite-no-aead", SURVEYED, -1, NULL},
    {"AEAD: none", "suite-no-aead", TLS12(SUITE("0x0303", "0xc013") SUITE("0x0303", "0x002f")), 2,
     "only TLS_RSA_WITH_AES_128_CBC_SHA, TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA in TLSv1.2"},
    {"AEAD: not all suites are known", "suite-no-aead",
     TLS12(SUITE("0x0303", "0xc013")) TRAIT_AT("0x0303", "41", "NULL"), -1, NULL},
    {"AEAD: it was not asked whether these are all", "suite-no-aead",
     TLS12(SUITE("0x0303", "0xc013")) WITHOUT("trait", "41"), -1, NULL},
    {"AEAD: one that nobody knows may be one", "suite-no-aead",
     TLS12(SUITE("0x0303", "0xc013") SUITE("0x0303", "0xfefd")), -1, NULL},
    {"AEAD: TLS 1.3 always has it", "suite-no-aead",
     SURVEYED WITHOUT_ALL("cipher") SUITE("0x0303", "0xc013"), -1, NULL},
    {"AEAD: TLS 1.3 is not known", "suite-no-aead",
     TLS12(SUITE("0x0303", "0xc013")) VERSION("0x0304", "NULL"), -1, NULL},
    {"AEAD: below TLS 1.2 there is none", "suite-no-aead",
     TLS12(SUITE("0x0301", "0xc013")) VERSION("0x0303", "0") VERSION("0x0301", "1"), -1, NULL},
    {"CBC: none", "suite-cbc", SURVEYED, -1, NULL},
    {"CBC: accepted", "suite-cbc", SURVEYED SUITE("0x0303", "0xc013"), 0,
     "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA in TLSv1.2"},
    {"CBC: 3DES is another rule's", "suite-cbc", SURVEYED SUITE("0x0303", "0x000a"), -1, NULL},
    {"CBC: agreed on, without a survey", "suite-cbc", SEEN("tls_version = 0x0303, cipher = 0xc013"),
     0, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA was agreed on in TLSv1.2"},
    {"CCM_8: none", "suite-ccm8", SURVEYED SUITE("0x0303", "0xc0ac"), -1, NULL},
    {"CCM_8: accepted", "suite-ccm8", SURVEYED SUITE("0x0303", "0xc0ae") SUITE("0x0304", "0x1305"),
     1, "TLS_AES_128_CCM_8_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8 in TLSv1.3, TLSv1.2"},
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    return cmocka_run_group_tests_name("rules_suites", tests, NULL, NULL);
}
