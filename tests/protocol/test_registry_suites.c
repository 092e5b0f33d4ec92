#include "test_support.h"

#include <string.h>

#include <openssl/nid.h>
#include <openssl/ssl.h>

#include "tlscensus/registry.h"
#include "tlscensus/status.h"

/* What one hello holds, less its two signalling values (README of the room). */
#define COMMON_MAX 118

static struct find_case {
    const char *name;
    uint32_t code;
    bool is_found;
    struct tc_suite suite; /* compared only when it is found */
} find_cases[] = {
    {"find: TLS 1.3 leaves key exchange and proof open",
     0x1301,
     true,
     {0x1301, TC_KX_ANY, TC_AUTH_ANY, "AES-128", TC_MODE_GCM, 128, 128, "SHA256", true, true, false,
      true, 0x0304, 0x0304, TC_QUALITY_RECOMMENDED}},
    {"find: ChaCha20 with ECDSA",
     0xcca9,
     true,
     {0xcca9, TC_KX_ECDHE, TC_AUTH_ECDSA, "ChaCha20", TC_MODE_POLY1305, 256, 0, "SHA256", true,
      true, false, true, 0x0303, 0x0303, TC_QUALITY_RECOMMENDED}},
    {"find: its draft is not recommended",
     0xcc14,
     true,
     {0xcc14, TC_KX_ECDHE, TC_AUTH_ECDSA, "ChaCha20", TC_MODE_POLY1305, 256, 0, "SHA256", true,
      true, false, true, 0x0303, 0x0303, TC_QUALITY_SUFFICIENT}},
    {"find: CCM without a hash in its name",
     0xc0ac,
     true,
     {0xc0ac, TC_KX_ECDHE, TC_AUTH_ECDSA, "AES-128", TC_MODE_CCM, 128, 128, "SHA256", true, true,
      false, true, 0x0303, 0x0303, TC_QUALITY_SUFFICIENT}},
    {"find: CCM_8",
     0xc0ae,
     true,
     {0xc0ae, TC_KX_ECDHE, TC_AUTH_ECDSA, "AES-128", TC_MODE_CCM8, 128, 128, "SHA256", true, true,
      false, true, 0x0303, 0x0303, TC_QUALITY_WEAK}},
    {"find: static RSA",
     0x009d,
     true,
     {0x009d, TC_KX_RSA, TC_AUTH_RSA, "AES-256", TC_MODE_GCM, 256, 128, "SHA384", false, true,
      false, true, 0x0303, 0x0303, TC_QUALITY_WEAK}},
    {"find: CBC with SHA-1 is older than TLS 1.0",
     0xc013,
     true,
     {0xc013, TC_KX_ECDHE, TC_AUTH_RSA, "AES-128", TC_MODE_CBC, 128, 128, "SHA1", true, false,
      false, true, 0x0300, 0x0303, TC_QUALITY_WEAK}},
    {"find: export with anonymous keys",
     0x0017,
     true,
     {0x0017, TC_KX_DHE, TC_AUTH_ANON, "RC4-40", TC_MODE_STREAM, 40, 0, "MD5", true, false, true,
      true, 0x0300, 0x0303, TC_QUALITY_INSECURE}},
    {"find: PSK with SHA-2 from TLS 1.0",
     0x00ae,
     true,
     {0x00ae, TC_KX_PSK, TC_AUTH_PSK, "AES-128", TC_MODE_CBC, 128, 128, "SHA256", false, false,
      false, false, 0x0301, 0x0303, TC_QUALITY_WEAK}},
    {"find: GOST 2001",
     0x0081,
     true,
     {0x0081, TC_KX_GOST, TC_AUTH_GOST, "GOST28147", TC_MODE_CNT, 256, 64, "GOSTR341194", false,
      false, false, true, 0x0301, 0x0303, TC_QUALITY_INSECURE}},
    {"find: GOST 2012 at TLS 1.2",
     0xc100,
     true,
     {0xc100, TC_KX_GOST, TC_AUTH_GOST, "Kuznyechik", TC_MODE_CNT, 256, 128, "GOSTR341112_256",
      false, false, false, true, 0x0303, 0x0303, TC_QUALITY_WEAK}},
    {"find: GOST 2012 at TLS 1.3",
     0xc103,
     true,
     {0xc103, TC_KX_ANY, TC_AUTH_ANY, "Kuznyechik", TC_MODE_MGM, 256, 128, "GOSTR341112_256", true,
      true, false, true, 0x0304, 0x0304, TC_QUALITY_SUFFICIENT}},
    {"find: TLS 1.3 without encryption",
     0xc0b4,
     true,
     {0xc0b4, TC_KX_ANY, TC_AUTH_ANY, "NULL", TC_MODE_NONE, 0, 0, "SHA256", true, false, false,
      true, 0x0304, 0x0304, TC_QUALITY_INSECURE}},
    {"find: nothing at all",
     0x0000,
     true,
     {0x0000, TC_KX_NONE, TC_AUTH_NONE, "NULL", TC_MODE_NONE, 0, 0, "NULL", false, false, false,
      false, 0x0300, 0x0303, TC_QUALITY_INSECURE}},
    {"find: SSL 2.0",
     0x0700c0,
     true,
     {0x0700c0, TC_KX_RSA, TC_AUTH_RSA, "3DES-EDE", TC_MODE_CBC, 112, 64, "MD5", false, false,
      false, true, 0x0002, 0x0002, TC_QUALITY_INSECURE}},
    {"find: renegotiation's signal is no suite", 0x00ff, false, {0}},
    {"find: fallback's signal is no suite", 0x5600, false, {0}},
    {"find: GREASE is none", 0x0a0a, false, {0}},
    {"find: one before TLS 1.3's", 0x1300, false, {0}},
    {"find: one past TLS 1.3's", 0x1308, false, {0}},
    {"find: a gap between blocks", 0x001c, false, {0}},
    {"find: the gap inside RFC 8442", 0xd004, false, {0}},
    {"find: SSL 2.0's first byte alone", 0x070000, false, {0}},
    {"find: a suite with a third byte", 0x01c02f, false, {0}},
    {"find: past the last", 0x080081, false, {0}},
    {"find: the largest number", UINT32_MAX, false, {0}},
};

static void check_find(void **state)
{
    const struct find_case *row = *state;
    const struct tc_suite *suite = tc_suite_find(row->code);
    if (!row->is_found) {
        assert_null(suite);
        return;
    }
    assert_non_null(suite);
    assert_int_equal(suite->code, row->suite.code);
    assert_int_equal(suite->kx, row->suite.kx);
    assert_int_equal(suite->auth, row->suite.auth);
    assert_string_equal(suite->cipher, row->suite.cipher);
    assert_int_equal(suite->mode, row->suite.mode);
    assert_int_equal(suite->bits, row->suite.bits);
    assert_int_equal(suite->block_bits, row->suite.block_bits);
    assert_string_equal(suite->hash, row->suite.hash);
    assert_int_equal(suite->forward_secrecy, row->suite.forward_secrecy);
    assert_int_equal(suite->is_aead, row->suite.is_aead);
    assert_int_equal(suite->is_export, row->suite.is_export);
    assert_int_equal(suite->is_common, row->suite.is_common);
    assert_int_equal(suite->min_version, row->suite.min_version);
    assert_int_equal(suite->max_version, row->suite.max_version);
    assert_int_equal(suite->quality, row->suite.quality);
}

/* Every named suite has properties, in the order of codes; what is no suite has none. */
static void suites_are_the_ciphers_in_order(void **state)
{
    (void)state;
    size_t num_entries = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num_entries);
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    size_t at = 0;
    for (size_t i = 0; i < num_entries; i++) {
        if (entries[i].kind != TC_REGISTRY_CIPHER || strstr(entries[i].name, "_SCSV") != NULL) {
            continue;
        }
        assert_true(at < num);
        assert_int_equal(suites[at].code, entries[i].code);
        assert_int_equal(suites[at].forward_secrecy, entries[i].forward_secrecy);
        assert_true(at == 0 || suites[at - 1].code < suites[at].code);
        assert_ptr_equal(tc_suite_find(suites[at].code), &suites[at]);
        at++;
    }
    assert_int_equal(at, num);
    assert_int_equal(num, 382);
}

static bool has_psk(const struct tc_suite *suite)
{
    return suite->kx == TC_KX_PSK || suite->kx == TC_KX_DHE_PSK || suite->kx == TC_KX_ECDHE_PSK ||
           suite->kx == TC_KX_RSA_PSK;
}

/* The rule at the head of registry.tsv. */
static uint16_t min_version_by_rule(const struct tc_suite *suite)
{
    bool is_sha2 = strncmp(suite->hash, "SHA256", 6) == 0 || strncmp(suite->hash, "SHA384", 6) == 0;
    if (suite->code > 0xffff) {
        return 0x0002;
    }
    if (suite->kx == TC_KX_ANY) {
        return 0x0304;
    }
    if (suite->kx == TC_KX_GOST) { /* RFC 9189 has three */
        return suite->code >= 0xc100 && suite->code <= 0xc102 ? 0x0303 : 0x0301;
    }
    if (!suite->is_aead && is_sha2 && has_psk(suite) && strncmp(suite->cipher, "ARIA", 4) != 0) {
        return 0x0301;
    }
    return suite->is_aead || is_sha2 ? 0x0303 : 0x0300;
}

static void versions_follow_their_rule(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        const struct tc_suite *suite = &suites[i];
        assert_int_equal(suite->min_version, min_version_by_rule(suite));
        if (suite->min_version == 0x0304 || suite->min_version == 0x0002) {
            assert_int_equal(suite->max_version, suite->min_version);
        } else {
            assert_int_equal(suite->max_version, 0x0303);
        }
    }
}

static void key_exchange_and_proof_fit_together(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        enum tc_kx kx = suites[i].kx;
        enum tc_auth auth = suites[i].auth;
        assert_int_equal(kx == TC_KX_NONE, auth == TC_AUTH_NONE);
        assert_int_equal(kx == TC_KX_ANY, auth == TC_AUTH_ANY);
        assert_int_equal(kx == TC_KX_KRB5, auth == TC_AUTH_KRB5);
        assert_int_equal(kx == TC_KX_GOST, auth == TC_AUTH_GOST);
        assert_int_equal(auth == TC_AUTH_PSK,
                         kx == TC_KX_ECCPWD || (has_psk(&suites[i]) && kx != TC_KX_RSA_PSK));
        assert_false((kx == TC_KX_RSA || kx == TC_KX_RSA_PSK) && auth != TC_AUTH_RSA);
        assert_false(auth == TC_AUTH_SRP && kx != TC_KX_SRP);
        assert_false(auth == TC_AUTH_ANON && kx != TC_KX_DHE && kx != TC_KX_ECDHE);
    }
}

static void forward_secrecy_is_that_of_the_key_exchange(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        enum tc_kx kx = suites[i].kx;
        assert_int_equal(suites[i].forward_secrecy, kx == TC_KX_ANY || kx == TC_KX_DHE ||
                                                        kx == TC_KX_ECDHE || kx == TC_KX_DHE_PSK ||
                                                        kx == TC_KX_ECDHE_PSK || kx == TC_KX_SRP ||
                                                        kx == TC_KX_ECCPWD);
        enum tc_mode mode = suites[i].mode;
        assert_int_equal(suites[i].is_aead, mode == TC_MODE_GCM || mode == TC_MODE_CCM ||
                                                mode == TC_MODE_CCM8 || mode == TC_MODE_POLY1305 ||
                                                mode == TC_MODE_MGM || mode == TC_MODE_OTHER);
        assert_int_equal(mode == TC_MODE_NONE, suites[i].bits == 0);
    }
}

/* The rule at the head of registry.tsv. */
static enum tc_quality quality_by_rule(const struct tc_suite *suite, const char *name)
{
    if (suite->bits < 112 || suite->block_bits == 64 || suite->auth == TC_AUTH_ANON ||
        suite->auth == TC_AUTH_NONE || suite->is_export || suite->mode == TC_MODE_STREAM ||
        strcmp(suite->hash, "MD5") == 0 || suite->max_version == 0x0002) {
        return TC_QUALITY_INSECURE;
    }
    if (!suite->is_aead || !suite->forward_secrecy || suite->mode == TC_MODE_CCM8 ||
        suite->auth == TC_AUTH_DSS) {
        return TC_QUALITY_WEAK;
    }
    bool is_registered = strstr(name, "_DRAFT") == NULL && strstr(name, "_CECPQ1_") == NULL;
    bool is_usual = strcmp(suite->cipher, "AES-128") == 0 ||
                    strcmp(suite->cipher, "AES-256") == 0 || strcmp(suite->cipher, "ChaCha20") == 0;
    if (is_registered && is_usual && (suite->kx == TC_KX_ECDHE || suite->kx == TC_KX_ANY) &&
        (suite->mode == TC_MODE_GCM || suite->mode == TC_MODE_POLY1305)) {
        return TC_QUALITY_RECOMMENDED;
    }
    return TC_QUALITY_SUFFICIENT;
}

static void quality_follows_its_rule(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        const char *name = tc_registry_name(TC_REGISTRY_CIPHER, suites[i].code);
        if (suites[i].quality != quality_by_rule(&suites[i], name)) {
            fail_msg("%s is %s", name, tc_quality_str(suites[i].quality));
        }
    }
}

static void one_hello_holds_the_common_suites(void **state)
{
    (void)state;
    static const uint16_t k_versions[] = {0x0002, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304};
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_versions); i++) {
        size_t common = 0;
        for (size_t j = 0; j < num; j++) {
            common += suites[j].is_common && suites[j].min_version <= k_versions[i] &&
                      k_versions[i] <= suites[j].max_version;
        }
        assert_true(common >= 8);
        assert_true(common <= COMMON_MAX);
    }
}

/* Suites whose key exchange no survey can take part in are never in the common set. */
static void common_suites_need_no_shared_secret(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_suite *suites = tc_suites(&num);
    for (size_t i = 0; i < num; i++) {
        if (suites[i].is_common) {
            assert_false(has_psk(&suites[i]));
            assert_int_not_equal(suites[i].kx, TC_KX_SRP);
            assert_int_not_equal(suites[i].kx, TC_KX_KRB5);
            assert_int_not_equal(suites[i].kx, TC_KX_ECCPWD);
            assert_int_not_equal(suites[i].kx, TC_KX_DH);
            assert_int_not_equal(suites[i].kx, TC_KX_NONE);
        } else {
            assert_int_not_equal(suites[i].quality, TC_QUALITY_RECOMMENDED);
        }
    }
}

static void compare_with_library(const SSL_CIPHER *cipher, const struct tc_suite *suite)
{
    assert_non_null(suite);
    assert_int_equal(SSL_CIPHER_is_aead(cipher), suite->is_aead);
    assert_int_equal(SSL_CIPHER_is_block_cipher(cipher), suite->mode == TC_MODE_CBC);
    int kx = SSL_CIPHER_get_kx_nid(cipher);
    assert_int_equal(kx == NID_kx_any, suite->kx == TC_KX_ANY);
    assert_int_equal(kx == NID_kx_rsa, suite->kx == TC_KX_RSA);
    assert_int_equal(kx == NID_kx_ecdhe, suite->kx == TC_KX_ECDHE || suite->kx == TC_KX_ECDHE_PSK);
    assert_int_equal(kx == NID_kx_psk, suite->kx == TC_KX_PSK);
    int auth = SSL_CIPHER_get_auth_nid(cipher);
    assert_int_equal(auth == NID_auth_any, suite->auth == TC_AUTH_ANY);
    assert_int_equal(auth == NID_auth_rsa, suite->auth == TC_AUTH_RSA);
    assert_int_equal(auth == NID_auth_ecdsa, suite->auth == TC_AUTH_ECDSA);
    assert_int_equal(auth == NID_auth_psk, suite->auth == TC_AUTH_PSK);
    assert_int_equal(SSL_CIPHER_get_max_version(cipher), suite->max_version);
    int bits = SSL_CIPHER_get_bits(cipher, NULL); /* it counts all three keys of 3DES */
    assert_int_equal(bits == 168 ? 112 : bits, suite->bits);
    int digest = SSL_CIPHER_get_digest_nid(cipher);
    if (suite->is_aead) {
        digest = SSL_CIPHER_get_prf_nid(cipher);
    }
    assert_int_equal(digest == NID_sha1, strcmp(suite->hash, "SHA1") == 0);
    assert_int_equal(digest == NID_sha256, strcmp(suite->hash, "SHA256") == 0);
    assert_int_equal(digest == NID_sha384, strcmp(suite->hash, "SHA384") == 0);
}

static void library_agrees_with_the_properties(void **state)
{
    (void)state;
    size_t checked = 0;
    for (uint32_t code = 0; code <= 0xffff; code++) {
        const SSL_CIPHER *cipher = SSL_get_cipher_by_value((uint16_t)code);
        if (cipher != NULL) {
            compare_with_library(cipher, tc_suite_find(code));
            checked++;
        }
    }
    assert_true(checked >= 20);
}

static void qualities_have_words(void **state)
{
    (void)state;
    assert_string_equal(tc_quality_str(TC_QUALITY_RECOMMENDED), "recommended");
    assert_string_equal(tc_quality_str(TC_QUALITY_SUFFICIENT), "sufficient");
    assert_string_equal(tc_quality_str(TC_QUALITY_WEAK), "weak");
    assert_string_equal(tc_quality_str(TC_QUALITY_INSECURE), "insecure");
    assert_string_equal(tc_quality_str((enum tc_quality)4), "");
    assert_string_equal(tc_quality_str((enum tc_quality) - 1), "");
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(suites_are_the_ciphers_in_order),
        cmocka_unit_test(versions_follow_their_rule),
        cmocka_unit_test(key_exchange_and_proof_fit_together),
        cmocka_unit_test(forward_secrecy_is_that_of_the_key_exchange),
        cmocka_unit_test(quality_follows_its_rule),
        cmocka_unit_test(one_hello_holds_the_common_suites),
        cmocka_unit_test(common_suites_need_no_shared_secret),
        cmocka_unit_test(library_agrees_with_the_properties),
        cmocka_unit_test(qualities_have_words),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(find_cases) + TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(find_cases); i++, num++) {
        tests[num].name = find_cases[i].name;
        tests[num].test_func = check_find;
        tests[num].initial_state = &find_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("registry_suites", tests, NULL, NULL);
}
