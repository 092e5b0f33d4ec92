#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/dh.h>
#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/nid.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include "protocol/registry_data.h"
#include "tlscensus/registry.h"
#include "tlscensus/status.h"

static struct group_case {
    const char *name;
    uint16_t code;
    bool is_found;
    struct tc_group group; /* compared only when it is found */
} group_cases[] = {
    {"group: P-256", 23, true, {23, TC_GROUP_EC, 256, 65, 65, true, true, false, true, false}},
    {"group: P-521 is no multiple of 8",
     25,
     true,
     {25, TC_GROUP_EC, 521, 133, 133, true, true, false, true, false}},
    {"group: X25519", 29, true, {29, TC_GROUP_EC, 255, 32, 32, true, true, false, true, false}},
    {"group: X448", 30, true, {30, TC_GROUP_EC, 448, 56, 56, true, true, false, true, false}},
    {"group: a weak curve",
     19,
     true,
     {19, TC_GROUP_EC, 192, 49, 49, true, false, false, true, true}},
    {"group: the smallest that is not weak",
     21,
     true,
     {21, TC_GROUP_EC, 224, 57, 57, true, false, false, true, false}},
    {"group: a binary curve",
     1,
     true,
     {1, TC_GROUP_EC, 163, 43, 43, true, false, false, true, true}},
    {"group: Brainpool below TLS 1.3",
     28,
     true,
     {28, TC_GROUP_EC, 512, 129, 129, true, false, false, true, false}},
    {"group: Brainpool at TLS 1.3",
     33,
     true,
     {33, TC_GROUP_EC, 512, 129, 129, false, true, false, true, false}},
    {"group: GOST's points have no first byte",
     0x0026,
     true,
     {0x0026, TC_GROUP_EC, 512, 128, 128, true, true, false, true, false}},
    {"group: ffdhe2048",
     0x0100,
     true,
     {0x0100, TC_GROUP_FFDHE, 2048, 256, 256, true, true, false, true, false}},
    {"group: ML-KEM-768 alone",
     0x0201,
     true,
     {0x0201, TC_GROUP_PQ, 0, 1184, 1088, false, true, false, true, false}},
    {"group: X25519MLKEM768",
     0x11ec,
     true,
     {0x11ec, TC_GROUP_PQ_HYBRID, 255, 1216, 1120, false, true, false, true, false}},
    {"group: SecP256r1MLKEM768",
     0x11eb,
     true,
     {0x11eb, TC_GROUP_PQ_HYBRID, 256, 1249, 1153, false, true, false, true, false}},
    {"group: SecP384r1MLKEM1024",
     0x11ed,
     true,
     {0x11ed, TC_GROUP_PQ_HYBRID, 384, 1665, 1665, false, true, false, true, false}},
    {"group: the Kyber draft",
     0x6399,
     true,
     {0x6399, TC_GROUP_PQ_HYBRID, 255, 1216, 1120, false, true, true, true, false}},
    {"group: an experiment",
     0xfe30,
     true,
     {0xfe30, TC_GROUP_PQ_HYBRID, 255, 832, 800, false, true, true, false, false}},
    {"group: explicit curves",
     0xff01,
     true,
     {0xff01, TC_GROUP_ARBITRARY, 0, 0, 0, true, false, false, false, false}},
    {"group: zero is none", 0, false, {0}},
    {"group: one past the curves", 42, false, {0}},
    {"group: one before ffdhe", 0x00ff, false, {0}},
    {"group: one past ffdhe", 0x0105, false, {0}},
    {"group: private use of RFC 7919", 0x01fc, false, {0}},
    {"group: GREASE", 0x1a1a, false, {0}},
    {"group: a cipher suite's code", 0x1301, false, {0}},
    {"group: the last code of all", 0xffff, false, {0}},
};

static void check_group(void **state)
{
    const struct group_case *row = *state;
    const struct tc_group *group = tc_group_find(row->code);
    if (!row->is_found) {
        assert_null(group);
        return;
    }
    assert_non_null(group);
    assert_int_equal(group->code, row->group.code);
    assert_int_equal(group->kind, row->group.kind);
    assert_int_equal(group->bits, row->group.bits);
    assert_int_equal(group->client_share_bytes, row->group.client_share_bytes);
    assert_int_equal(group->server_share_bytes, row->group.server_share_bytes);
    assert_int_equal(group->is_tls12, row->group.is_tls12);
    assert_int_equal(group->is_tls13, row->group.is_tls13);
    assert_int_equal(group->is_draft, row->group.is_draft);
    assert_int_equal(group->is_common, row->group.is_common);
    assert_int_equal(group->is_weak, row->group.is_weak);
}

/* The number in the name of a curve or modulus: "sect571k1" has 571, "brainpoolP256r1" 256. */
static unsigned long bits_of_name(const char *name)
{
    static const char *const k_stems[] = {"sect", "secp", "brainpoolP", "ffdhe", "GC", "x"};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_stems); i++) {
        size_t len = strlen(k_stems[i]);
        if (strncmp(name, k_stems[i], len) == 0) {
            return strtoul(name + len, NULL, 10);
        }
    }
    return 0;
}

static void groups_follow_from_their_names(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_group *groups = tc_groups(&num);
    for (size_t i = 0; i < num; i++) {
        const struct tc_group *group = &groups[i];
        const char *name = tc_registry_name(TC_REGISTRY_GROUP, group->code);
        assert_non_null(name);
        unsigned long bits = bits_of_name(name);
        if (bits > 0 && bits < 25519) {
            assert_int_equal(group->bits, bits);
        }
        assert_true(group->is_tls12 || group->is_tls13);
        assert_int_equal(group->kind == TC_GROUP_FFDHE, strncmp(name, "ffdhe", 5) == 0);
        assert_int_equal(group->kind == TC_GROUP_ARBITRARY, strncmp(name, "arbitrary", 9) == 0);
        assert_int_equal(group->kind == TC_GROUP_PQ, strncmp(name, "MLKEM", 5) == 0);
        assert_int_equal(
            group->kind == TC_GROUP_PQ_HYBRID,
            strncmp(name, "MLKEM", 5) != 0 &&
                (strstr(name, "MLKEM") || strstr(name, "Kyber") || strstr(name, "CECPQ")));
        bool is_pq = group->kind == TC_GROUP_PQ || group->kind == TC_GROUP_PQ_HYBRID;
        assert_false(is_pq && group->is_tls12);
        assert_int_equal(strstr(name, "tls13") != NULL && group->is_tls12, false);
        assert_int_equal(group->is_draft, strstr(name, "Kyber") || strstr(name, "CECPQ"));
        assert_int_equal(group->is_weak, (group->kind == TC_GROUP_EC && group->bits < 224) ||
                                             (group->kind == TC_GROUP_FFDHE && group->bits < 2048));
        assert_int_equal(group->kind == TC_GROUP_ARBITRARY, group->client_share_bytes == 0);
        assert_int_equal(group->client_share_bytes == 0, group->server_share_bytes == 0);
        /* a hybrid's share is that of its curve with a KEM's beside it */
        if (group->kind == TC_GROUP_FFDHE) {
            assert_int_equal(group->client_share_bytes, group->bits / 8);
        } else if (bits > 0 && strncmp(name, "GC", 2) != 0 && name[0] != 'x') {
            assert_int_equal(group->client_share_bytes, 1 + 2 * ((group->bits + 7) / 8));
        }
        if (!is_pq) {
            assert_int_equal(group->client_share_bytes, group->server_share_bytes);
        }
    }
}

static void tables_hold_every_entry_in_order(void **state)
{
    (void)state;
    size_t num_entries = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num_entries);
    size_t num_groups = 0;
    const struct tc_group *groups = tc_groups(&num_groups);
    size_t num_schemes = 0;
    const struct tc_scheme *schemes = tc_schemes(&num_schemes);
    size_t group = 0;
    size_t scheme = 0;
    for (size_t i = 0; i < num_entries; i++) {
        if (entries[i].kind == TC_REGISTRY_GROUP) {
            assert_true(group < num_groups);
            assert_int_equal(groups[group].code, entries[i].code);
            assert_ptr_equal(tc_group_find(groups[group].code), &groups[group]);
            group++;
        } else if (entries[i].kind == TC_REGISTRY_SIGNATURE) {
            assert_true(scheme < num_schemes);
            assert_int_equal(schemes[scheme].code, entries[i].code);
            assert_ptr_equal(tc_scheme_find(schemes[scheme].code), &schemes[scheme]);
            scheme++;
        }
    }
    assert_int_equal(group, num_groups);
    assert_int_equal(scheme, num_schemes);
}

static struct scheme_case {
    const char *name;
    uint16_t code;
    bool is_found;
    struct tc_scheme scheme; /* compared only when it is found */
} scheme_cases[] = {
    {"scheme: MD5", 0x0101, true, {0x0101, TC_AUTH_RSA, "MD5", true, true, false, true}},
    {"scheme: SHA-1", 0x0203, true, {0x0203, TC_AUTH_ECDSA, "SHA1", true, true, false, true}},
    {"scheme: PKCS #1 signs no TLS 1.3 handshake",
     0x0401,
     true,
     {0x0401, TC_AUTH_RSA, "SHA256", false, true, false, true}},
    {"scheme: DSA", 0x0402, true, {0x0402, TC_AUTH_DSS, "SHA256", false, true, false, true}},
    {"scheme: ECDSA", 0x0503, true, {0x0503, TC_AUTH_ECDSA, "SHA384", false, true, true, true}},
    {"scheme: PSS", 0x0806, true, {0x0806, TC_AUTH_RSA, "SHA512", false, true, true, true}},
    {"scheme: Ed25519",
     0x0807,
     true,
     {0x0807, TC_AUTH_ECDSA, "intrinsic", false, true, true, true}},
    {"scheme: Brainpool is TLS 1.3's",
     0x081a,
     true,
     {0x081a, TC_AUTH_ECDSA, "SHA256", false, false, true, true}},
    {"scheme: ML-DSA has a key of its own",
     0x0905,
     true,
     {0x0905, TC_AUTH_NONE, "intrinsic", false, false, true, true}},
    {"scheme: SM2", 0x0708, true, {0x0708, TC_AUTH_ECDSA, "SM3", false, false, true, true}},
    {"scheme: GOST at TLS 1.2",
     0x0840,
     true,
     {0x0840, TC_AUTH_GOST, "GOSTR341112_256", false, true, false, true}},
    {"scheme: GOST at TLS 1.3",
     0x070d,
     true,
     {0x070d, TC_AUTH_GOST, "GOSTR341112_512", false, false, true, true}},
    {"scheme: clients alone sign with the legacy ones",
     0x0420,
     true,
     {0x0420, TC_AUTH_RSA, "SHA256", false, false, false, false}},
    {"scheme: before TLS 1.2 there is nothing to name",
     0xff01,
     true,
     {0xff01, TC_AUTH_RSA, "MD5-SHA1", true, false, false, false}},
    {"scheme: none", 0, false, {0}},
    {"scheme: anonymous", 0x0400, false, {0}},
    {"scheme: a hash past SHA-512", 0x0701, false, {0}},
    {"scheme: DSA with MD5", 0x0102, false, {0}},
    {"scheme: one past PSS", 0x080c, false, {0}},
    {"scheme: one past ML-DSA", 0x0907, false, {0}},
    {"scheme: GREASE", 0x2a2a, false, {0}},
    {"scheme: the last code of all", 0xffff, false, {0}},
};

static void check_scheme(void **state)
{
    const struct scheme_case *row = *state;
    const struct tc_scheme *scheme = tc_scheme_find(row->code);
    if (!row->is_found) {
        assert_null(scheme);
        return;
    }
    assert_non_null(scheme);
    assert_int_equal(scheme->code, row->scheme.code);
    assert_int_equal(scheme->auth, row->scheme.auth);
    assert_string_equal(scheme->hash, row->scheme.hash);
    assert_int_equal(scheme->is_sha1_or_md5, row->scheme.is_sha1_or_md5);
    assert_int_equal(scheme->is_tls12, row->scheme.is_tls12);
    assert_int_equal(scheme->is_tls13, row->scheme.is_tls13);
    assert_int_equal(scheme->is_common, row->scheme.is_common);
}

static void schemes_follow_from_their_names(void **state)
{
    (void)state;
    size_t num = 0;
    const struct tc_scheme *schemes = tc_schemes(&num);
    for (size_t i = 0; i < num; i++) {
        const struct tc_scheme *scheme = &schemes[i];
        const char *name = tc_registry_name(TC_REGISTRY_SIGNATURE, scheme->code);
        assert_non_null(name);
        bool is_ec = strncmp(name, "ecdsa_", 6) == 0 || strncmp(name, "ed", 2) == 0 ||
                     strncmp(name, "sm2", 3) == 0;
        assert_int_equal(scheme->auth == TC_AUTH_RSA, strncmp(name, "rsa_", 4) == 0);
        assert_int_equal(scheme->auth == TC_AUTH_DSS, strncmp(name, "dsa_", 4) == 0);
        assert_int_equal(scheme->auth == TC_AUTH_ECDSA, is_ec);
        assert_int_equal(scheme->auth == TC_AUTH_GOST, strncmp(name, "gost", 4) == 0);
        assert_int_equal(strcmp(scheme->hash, "SHA256") == 0, strstr(name, "_sha256") != NULL);
        assert_int_equal(strcmp(scheme->hash, "SHA384") == 0, strstr(name, "_sha384") != NULL);
        assert_int_equal(strcmp(scheme->hash, "SHA512") == 0, strstr(name, "_sha512") != NULL);
        assert_int_equal(scheme->is_sha1_or_md5,
                         strstr(name, "_sha1") != NULL || strstr(name, "_md5") != NULL);
        assert_false(scheme->is_sha1_or_md5 && scheme->is_tls13);
        assert_false(strstr(name, "_pkcs1_") != NULL && scheme->is_tls13);
        assert_false(strstr(name, "tls13") != NULL && scheme->is_tls12);
        assert_false(scheme->is_common && !scheme->is_tls12 && !scheme->is_tls13);
    }
}

static void library_agrees_with_the_schemes(void **state)
{
    (void)state;
    size_t checked = 0;
    for (uint32_t code = 1; code <= 0xffff; code++) {
        int key = SSL_get_signature_algorithm_key_type((uint16_t)code);
        if (key == EVP_PKEY_NONE) {
            continue;
        }
        const struct tc_scheme *scheme = tc_scheme_find((uint16_t)code);
        assert_non_null(scheme);
        assert_int_equal(key == EVP_PKEY_RSA, scheme->auth == TC_AUTH_RSA);
        assert_int_equal(key == EVP_PKEY_EC || key == EVP_PKEY_ED25519,
                         scheme->auth == TC_AUTH_ECDSA);
        const EVP_MD *digest = SSL_get_signature_algorithm_digest((uint16_t)code);
        assert_int_equal(digest == NULL, strcmp(scheme->hash, "intrinsic") == 0);
        if (digest != NULL) {
            int type = EVP_MD_type(digest);
            assert_int_equal(type == NID_sha1, strcmp(scheme->hash, "SHA1") == 0);
            assert_int_equal(type == NID_sha256, strcmp(scheme->hash, "SHA256") == 0);
            assert_int_equal(type == NID_sha384, strcmp(scheme->hash, "SHA384") == 0);
            assert_int_equal(type == NID_sha512, strcmp(scheme->hash, "SHA512") == 0);
        }
        checked++;
    }
    assert_true(checked >= 10);
}

static void assert_known(const BIGNUM *prime, const char *name)
{
    uint8_t bytes[1024];
    assert_true(BN_num_bytes(prime) <= sizeof(bytes));
    size_t len = BN_bn2bin(prime, bytes);
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA256(bytes, len, hash);
    const struct tc_known_prime *known = tc_known_prime_find(hash);
    assert_non_null(known);
    assert_string_equal(known->name, name);
    assert_int_equal(known->bits, BN_num_bits(prime));
    assert_false(known->is_shared_weak);
}

static void library_primes_are_known(void **state)
{
    (void)state;
    BIGNUM *modp = BN_get_rfc3526_prime_1536(NULL);
    assert_non_null(modp);
    assert_known(modp, "RFC 3526 group 5");
    BN_free(modp);
    DH *ffdhe = DH_get_rfc7919_2048();
    assert_non_null(ffdhe);
    assert_known(DH_get0_p(ffdhe), "RFC 7919 ffdhe2048");
    DH_free(ffdhe);
}

static void primes_are_found_by_their_hash_alone(void **state)
{
    (void)state;
    assert_true(tc_known_prime_table_len >= 13);
    for (size_t i = 0; i < tc_known_prime_table_len; i++) {
        const struct tc_known_prime *prime = &tc_known_prime_table[i];
        assert_ptr_equal(tc_known_prime_find(prime->sha256), prime);
        assert_int_equal(prime->is_shared_weak, prime->bits <= 1024);
        assert_true(prime->bits >= 512);
        if (i > 0) {
            assert_true(memcmp(prime[-1].sha256, prime->sha256, sizeof(prime->sha256)) < 0);
        }
        for (size_t j = i + 1; j < tc_known_prime_table_len; j++) {
            assert_string_not_equal(prime->name, tc_known_prime_table[j].name);
        }
        uint8_t other[sizeof(prime->sha256)];
        memcpy(other, prime->sha256, sizeof(other));
        other[sizeof(other) - 1] ^= 1;
        assert_null(tc_known_prime_find(other));
    }
    static const uint8_t k_least[32] = {0};
    assert_null(tc_known_prime_find(k_least));
    uint8_t most[32];
    memset(most, 0xff, sizeof(most));
    assert_null(tc_known_prime_find(most));
}

int main(void)
{
    static const struct CMUnitTest k_whole[] = {
        cmocka_unit_test(groups_follow_from_their_names),
        cmocka_unit_test(tables_hold_every_entry_in_order),
        cmocka_unit_test(schemes_follow_from_their_names),
        cmocka_unit_test(library_agrees_with_the_schemes),
        cmocka_unit_test(library_primes_are_known),
        cmocka_unit_test(primes_are_found_by_their_hash_alone),
    };
    struct CMUnitTest
        tests[TC_ARRAY_LEN(group_cases) + TC_ARRAY_LEN(scheme_cases) + TC_ARRAY_LEN(k_whole)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(group_cases); i++, num++) {
        tests[num].name = group_cases[i].name;
        tests[num].test_func = check_group;
        tests[num].initial_state = &group_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(scheme_cases); i++, num++) {
        tests[num].name = scheme_cases[i].name;
        tests[num].test_func = check_scheme;
        tests[num].initial_state = &scheme_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_whole); i++, num++) {
        tests[num] = k_whole[i];
    }
    return cmocka_run_group_tests_name("registry_groups", tests, NULL, NULL);
}
