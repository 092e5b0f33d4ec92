#include "test_support.h"

#include <string.h>

#include "tlscensus/registry.h"
#include "tlscensus/status.h"

/* What a suite's name says of it. */
enum field { FIELD_KX, FIELD_AUTH, FIELD_MODE, FIELD_CIPHER, FIELD_EXPORT };
static struct name_rule {
    const char *name;
    const char *part; /* of the suite's name */
    const char *word; /* of FIELD_CIPHER */
    enum field field;
    int value;   /* of the other fields */
    bool is_iff; /* also: without the part, the field has another value */
} name_rules[] = {
    {"names: EXPORT", "EXPORT", NULL, FIELD_EXPORT, true, true},
    {"names: anonymous", "_anon_", NULL, FIELD_AUTH, TC_AUTH_ANON, true},
    {"names: DSS", "_DSS_", NULL, FIELD_AUTH, TC_AUTH_DSS, true},
    {"names: ECDSA", "_ECDSA_", NULL, FIELD_AUTH, TC_AUTH_ECDSA, true},
    {"names: KRB5 as key exchange", "_KRB5_", NULL, FIELD_KX, TC_KX_KRB5, true},
    {"names: KRB5 as proof", "_KRB5_", NULL, FIELD_AUTH, TC_AUTH_KRB5, true},
    {"names: SRP", "TLS_SRP_", NULL, FIELD_KX, TC_KX_SRP, true},
    {"names: SRP alone", "TLS_SRP_SHA_WITH", NULL, FIELD_AUTH, TC_AUTH_SRP, true},
    {"names: RSA", "_RSA_WITH_", NULL, FIELD_AUTH, TC_AUTH_RSA, false},
    {"names: RSA in export suites", "_RSA_EXPORT", NULL, FIELD_AUTH, TC_AUTH_RSA, false},
    {"names: SSL 2.0 knows RSA alone", "SSL_CK_", NULL, FIELD_AUTH, TC_AUTH_RSA, false},
    {"names: ECCPWD", "TLS_ECCPWD_", NULL, FIELD_KX, TC_KX_ECCPWD, true},
    {"names: PSK", "TLS_PSK_WITH", NULL, FIELD_KX, TC_KX_PSK, true},
    {"names: DHE_PSK", "TLS_DHE_PSK_", NULL, FIELD_KX, TC_KX_DHE_PSK, false},
    {"names: PSK_DHE is DHE_PSK", "TLS_PSK_DHE_", NULL, FIELD_KX, TC_KX_DHE_PSK, false},
    {"names: ECDHE_PSK", "TLS_ECDHE_PSK_", NULL, FIELD_KX, TC_KX_ECDHE_PSK, true},
    {"names: RSA_PSK", "TLS_RSA_PSK_", NULL, FIELD_KX, TC_KX_RSA_PSK, true},
    {"names: RSA_PSK has a certificate", "TLS_RSA_PSK_", NULL, FIELD_AUTH, TC_AUTH_RSA, false},
    {"names: ECDHE with RSA", "TLS_ECDHE_RSA_", NULL, FIELD_KX, TC_KX_ECDHE, false},
    {"names: ECDHE with ECDSA", "TLS_ECDHE_ECDSA_", NULL, FIELD_KX, TC_KX_ECDHE, false},
    {"names: DHE with RSA", "TLS_DHE_RSA_", NULL, FIELD_KX, TC_KX_DHE, false},
    {"names: DHE with DSS", "TLS_DHE_DSS_", NULL, FIELD_KX, TC_KX_DHE, false},
    {"names: anonymous DH is ephemeral", "TLS_DH_anon_", NULL, FIELD_KX, TC_KX_DHE, false},
    {"names: anonymous ECDH is ephemeral", "TLS_ECDH_anon_", NULL, FIELD_KX, TC_KX_ECDHE, false},
    {"names: fixed DH, RSA", "TLS_DH_RSA_", NULL, FIELD_KX, TC_KX_DH, false},
    {"names: fixed DH, DSS", "TLS_DH_DSS_", NULL, FIELD_KX, TC_KX_DH, false},
    {"names: fixed ECDH, RSA", "TLS_ECDH_RSA_", NULL, FIELD_KX, TC_KX_ECDH, false},
    {"names: fixed ECDH, ECDSA", "TLS_ECDH_ECDSA_", NULL, FIELD_KX, TC_KX_ECDH, false},
    {"names: static RSA", "TLS_RSA_WITH_", NULL, FIELD_KX, TC_KX_RSA, false},
    {"names: export RSA", "TLS_RSA_EXPORT", NULL, FIELD_KX, TC_KX_RSA, false},
    {"names: SSL 2.0 is RSA", "SSL_CK_", NULL, FIELD_KX, TC_KX_RSA, false},
    {"names: Netscape's FIPS suites", "SSL_RSA_FIPS_", NULL, FIELD_KX, TC_KX_RSA, false},
    {"names: GCM", "_GCM_", NULL, FIELD_MODE, TC_MODE_GCM, true},
    {"names: CCM_8", "_CCM_8", NULL, FIELD_MODE, TC_MODE_CCM8, true},
    {"names: CCM with a hash", "_CCM_SHA", NULL, FIELD_MODE, TC_MODE_CCM, false},
    {"names: Poly1305", "_POLY1305", NULL, FIELD_MODE, TC_MODE_POLY1305, true},
    {"names: MGM", "_MGM_", NULL, FIELD_MODE, TC_MODE_MGM, true},
    {"names: CBC", "_CBC_", NULL, FIELD_MODE, TC_MODE_CBC, true},
    {"names: RC4", "_RC4_", NULL, FIELD_MODE, TC_MODE_STREAM, true},
    {"names: AEGIS", "_AEGIS_", NULL, FIELD_MODE, TC_MODE_OTHER, true},
    {"names: GOST's counter", "_CNT_", NULL, FIELD_MODE, TC_MODE_CNT, false},
    {"names: the newer counter", "_CTR_", NULL, FIELD_MODE, TC_MODE_CNT, false},
    {"names: no encryption", "_NULL_", NULL, FIELD_MODE, TC_MODE_NONE, false},
    {"names: NULL", "_NULL_", "NULL", FIELD_CIPHER, 0, false},
    {"names: integrity alone", "TLS_SHA", "NULL", FIELD_CIPHER, 0, false},
    {"names: AES-128", "_AES_128_", "AES-128", FIELD_CIPHER, 0, true},
    {"names: AES-256", "_AES_256_", "AES-256", FIELD_CIPHER, 0, true},
    {"names: Camellia-128", "_CAMELLIA_128_", "Camellia-128", FIELD_CIPHER, 0, true},
    {"names: Camellia-256", "_CAMELLIA_256_", "Camellia-256", FIELD_CIPHER, 0, true},
    {"names: ARIA-128", "_ARIA_128_", "ARIA-128", FIELD_CIPHER, 0, true},
    {"names: ARIA-256", "_ARIA_256_", "ARIA-256", FIELD_CIPHER, 0, true},
    {"names: ChaCha20", "_CHACHA20_", "ChaCha20", FIELD_CIPHER, 0, true},
    {"names: SEED", "_SEED_", "SEED", FIELD_CIPHER, 0, true},
    {"names: IDEA", "_IDEA_", "IDEA", FIELD_CIPHER, 0, true},
    {"names: SM4", "_SM4_", "SM4", FIELD_CIPHER, 0, true},
    {"names: GOST 28147", "_28147_", "GOST28147", FIELD_CIPHER, 0, true},
    {"names: Kuznyechik", "_KUZNYECHIK_", "Kuznyechik", FIELD_CIPHER, 0, true},
    {"names: Magma", "_MAGMA_", "Magma", FIELD_CIPHER, 0, true},
    {"names: 3DES", "_3DES_EDE_", "3DES-EDE", FIELD_CIPHER, 0, false},
    {"names: 3DES of SSL 2.0", "_DES_192_EDE3_", "3DES-EDE", FIELD_CIPHER, 0, false},
    {"names: DES", "WITH_DES_CBC_SHA", "DES", FIELD_CIPHER, 0, false},
    {"names: DES cut to 40 bits", "_DES40_", "DES-40", FIELD_CIPHER, 0, true},
    {"names: RC4 with 128 bits", "WITH_RC4_128_", "RC4-128", FIELD_CIPHER, 0, false},
    {"names: RC4 with 56 bits", "_RC4_56_", "RC4-56", FIELD_CIPHER, 0, true},
    {"names: RC4 with 40 bits", "_RC4_40_", "RC4-40", FIELD_CIPHER, 0, false},
    {"names: RC2 with 40 bits", "_RC2_CBC_40_", "RC2-40", FIELD_CIPHER, 0, false},
};

static bool field_is(const struct tc_suite *suite, const struct name_rule *rule)
{
    switch (rule->field) {
    case FIELD_KX:
        return (int)suite->kx == rule->value;
    case FIELD_AUTH:
        return (int)suite->auth == rule->value;
    case FIELD_MODE:
        return (int)suite->mode == rule->value;
    case FIELD_CIPHER:
        return strcmp(suite->cipher, rule->word) == 0;
    case FIELD_EXPORT:
        return suite->is_export;
    }
    return false;
}

static void check_name_rule(void **state)
{
    const struct name_rule *rule = *state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    size_t matched = 0;
    for (size_t i = 0; i < num; i++) {
        const char *name = tc_registry_name(TC_REGISTRY_CIPHER, suites[i].code);
        assert_non_null(name);
        /* DES in Kerberos's export suites is cut to 40 bits by another spelling. */
        bool has_part = strstr(name, rule->part) != NULL ||
                        (strcmp(rule->part, "_DES40_") == 0 && strstr(name, "_DES_CBC_40_"));
        matched += has_part;
        if ((has_part && !field_is(&suites[i], rule)) ||
            (rule->is_iff && !has_part && field_is(&suites[i], rule))) {
            fail_msg("%s (0x%04x) breaks the rule", name, (unsigned)suites[i].code);
        }
    }
    assert_true(matched > 0);
}

static struct strength_case {
    const char *name;
    const char *cipher;
    uint16_t bits;
    uint16_t block_bits;
} strength_cases[] = {
    {"strength: none", "NULL", 0, 0},
    {"strength: RC4-40", "RC4-40", 40, 0},
    {"strength: RC4-56", "RC4-56", 56, 0},
    {"strength: RC4-64 of SSL 2.0", "RC4-64", 64, 0},
    {"strength: RC4-128", "RC4-128", 128, 0},
    {"strength: RC2-40", "RC2-40", 40, 64},
    {"strength: RC2-56", "RC2-56", 56, 64},
    {"strength: RC2-128", "RC2-128", 128, 64},
    {"strength: DES-40", "DES-40", 40, 64},
    {"strength: DES", "DES", 56, 64},
    {"strength: 3DES is worth 112 bits", "3DES-EDE", 112, 64},
    {"strength: IDEA", "IDEA", 128, 64},
    {"strength: SEED", "SEED", 128, 128},
    {"strength: AES-128", "AES-128", 128, 128},
    {"strength: AES-256", "AES-256", 256, 128},
    {"strength: Camellia-128", "Camellia-128", 128, 128},
    {"strength: Camellia-256", "Camellia-256", 256, 128},
    {"strength: ARIA-128", "ARIA-128", 128, 128},
    {"strength: ARIA-256", "ARIA-256", 256, 128},
    {"strength: ChaCha20", "ChaCha20", 256, 0},
    {"strength: SM4", "SM4", 128, 128},
    {"strength: AEGIS-128L", "AEGIS-128L", 128, 0},
    {"strength: AEGIS-256", "AEGIS-256", 256, 0},
    {"strength: GOST 28147", "GOST28147", 256, 64},
    {"strength: Magma", "Magma", 256, 64},
    {"strength: Kuznyechik", "Kuznyechik", 256, 128},
};

static void check_strength(void **state)
{
    const struct strength_case *row = *state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    size_t matched = 0;
    for (size_t i = 0; i < num; i++) {
        if (strcmp(suites[i].cipher, row->cipher) == 0) {
            assert_int_equal(suites[i].bits, row->bits);
            assert_int_equal(suites[i].block_bits, row->block_bits);
            matched++;
        }
    }
    assert_true(matched > 0);
}

static void every_cipher_has_its_strength_checked(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        size_t rows = 0;
        for (size_t j = 0; j < TC_ARRAY_LEN(strength_cases); j++) {
            rows += strcmp(suites[i].cipher, strength_cases[j].cipher) == 0;
        }
        assert_int_equal(rows, 1);
    }
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The name without the ending that sets a draft apart. */
static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name);
    static const char *const k_marks[] = {"_DRAFT", "_OLD"};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_marks); i++) {
        size_t mark_len = strlen(k_marks[i]);
        if (len > mark_len && strcmp(name + len - mark_len, k_marks[i]) == 0) {
            len -= mark_len;
        }
    }
    size_t end_len = strlen(end);
    return len >= end_len && strncmp(name + len - end_len, end, end_len) == 0;
}

static void names_end_in_their_hash(void **state)
{
    (void)state;
    static const struct {
        const char *end;
        const char *hash;
    } k_ends[] = {
        {"_MD5", "MD5"},       {"_SHA", "SHA1"},      {"_SHA256", "SHA256"},
        {"_SHA384", "SHA384"}, {"_SHA512", "SHA512"}, {"_SM3", "SM3"},
        {"_CCM", "SHA256"},    {"_CCM_8", "SHA256"},  {"_NULL_NULL", "NULL"},
    };
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        const char *name = tc_registry_name(TC_REGISTRY_CIPHER, suites[i].code);
        bool is_known = strstr(name, "GOSTR") != NULL && begins_with(suites[i].hash, "GOSTR");
        for (size_t j = 0; j < TC_ARRAY_LEN(k_ends); j++) {
            /* SSL 2.0 has MD5 alone, and "_EXPORT40_WITH_MD5" ends in it as well */
            is_known |=
                ends_with(name, k_ends[j].end) && strcmp(suites[i].hash, k_ends[j].hash) == 0;
        }
        if (!is_known) {
            fail_msg("%s with %s", name, suites[i].hash);
        }
    }
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(every_cipher_has_its_strength_checked),
        cmocka_unit_test(names_end_in_their_hash),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(name_rules) + TC_ARRAY_LEN(strength_cases) +
                            TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(name_rules); i++, num++) {
        tests[num].name = name_rules[i].name;
        tests[num].test_func = check_name_rule;
        tests[num].initial_state = &name_rules[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(strength_cases); i++, num++) {
        tests[num].name = strength_cases[i].name;
        tests[num].test_func = check_strength;
        tests[num].initial_state = &strength_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("registry_suite_names", tests, NULL, NULL);
}
