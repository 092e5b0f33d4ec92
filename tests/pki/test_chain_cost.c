/*
 * What a verdict costs in calls of the library, not in time: each certificate is parsed once, each
 * leaf's signature computed once, and what was seen before costs nothing. The linker sends the
 * calls here first (-Wl,--wrap).
 */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "chain_fixture.h"

#define NUM_LEAVES 20

X509 *__real_X509_parse_from_buffer(CRYPTO_BUFFER *buffer);
X509 *__wrap_X509_parse_from_buffer(CRYPTO_BUFFER *buffer);
int __real_X509_verify(X509 *x509, EVP_PKEY *key);
int __wrap_X509_verify(X509 *x509, EVP_PKEY *key);
int __real_EVP_DigestVerify(EVP_MD_CTX *context, const uint8_t *signature, size_t signature_len,
                            const uint8_t *data, size_t len);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *context, const uint8_t *signature, size_t signature_len,
                            const uint8_t *data, size_t len);
int __real_X509_verify_cert(X509_STORE_CTX *context);
int __wrap_X509_verify_cert(X509_STORE_CTX *context);

static struct counts {
    unsigned parses;
    unsigned signatures;
    unsigned paths;
} g_counts;
static bool g_inside_library; /* a static library's own calls come this way too */

X509 *__wrap_X509_parse_from_buffer(CRYPTO_BUFFER *buffer)
{
    g_counts.parses++;
    return __real_X509_parse_from_buffer(buffer);
}

int __wrap_X509_verify(X509 *x509, EVP_PKEY *key)
{
    bool was_inside = g_inside_library;
    g_counts.signatures += was_inside ? 0 : 1;
    g_inside_library = true;
    int result = __real_X509_verify(x509, key);
    g_inside_library = was_inside;
    return result;
}

int __wrap_EVP_DigestVerify(EVP_MD_CTX *context, const uint8_t *signature, size_t signature_len,
                            const uint8_t *data, size_t len)
{
    g_counts.signatures += g_inside_library ? 0 : 1;
    return __real_EVP_DigestVerify(context, signature, signature_len, data, len);
}

int __wrap_X509_verify_cert(X509_STORE_CTX *context)
{
    g_counts.paths++;
    g_inside_library = true;
    int result = __real_X509_verify_cert(context);
    g_inside_library = false;
    return result;
}

/* Customers of one CA: each a leaf of its own, by the key of `issuer`. */
struct customers {
    struct made_cert issuer;
    struct made_cert root;
    struct made_cert leaves[NUM_LEAVES];
};

static void customers_make(struct customers *customers)
{
    customers->root = make_cert(&(struct cert_recipe){.subject = "Cost Root", .is_ca = true});
    customers->issuer = make_cert(&(struct cert_recipe){
        .subject = "Cost Intermediate", .is_ca = true, .issuer = &customers->root});
    for (size_t i = 0; i < NUM_LEAVES; i++) {
        customers->leaves[i] = make_cert(&(struct cert_recipe){
            .subject = "customer", .key = made_key("P-256", 1), .issuer = &customers->issuer});
    }
}

static void customers_free(struct customers *customers)
{
    for (size_t i = 0; i < NUM_LEAVES; i++) {
        made_cert_cleanup(&customers->leaves[i]);
    }
    made_cert_cleanup(&customers->issuer);
    made_cert_cleanup(&customers->root);
}

static struct tc_verifier *verifier_trusting(const struct made_cert *anchor)
{
    struct tc_trust_store *store = NULL;
    struct tc_verifier *verifier = NULL;
    size_t num_added = 0;
    assert_int_equal(tc_trust_store_new(&store), TC_OK);
    if (anchor != NULL) {
        assert_int_equal(
            tc_trust_store_add_pile(store, &num_added, anchor->der, anchor->der_len, NULL), TC_OK);
    }
    assert_int_equal(tc_verifier_new(&verifier, store, MAKE_NOW_S), TC_OK);
    return verifier;
}

/* As a handshake does it: bytes in, verdict out. */
static enum tc_trust_detail judge(struct tc_verifier *verifier, const struct made_cert *leaf,
                                  const struct made_cert *second, const struct made_cert *third)
{
    const struct made_cert *made[3] = {leaf, second, third};
    struct tc_cert *certs[3] = {NULL};
    struct tc_chain *chain = NULL;
    size_t num_certs = 0;
    for (; num_certs < 3 && made[num_certs] != NULL; num_certs++) {
        assert_int_equal(tc_verifier_cert(verifier, &certs[num_certs], made[num_certs]->der,
                                          made[num_certs]->der_len),
                         TC_OK);
    }
    assert_int_equal(tc_verifier_chain(verifier, &chain, certs, num_certs), TC_OK);
    enum tc_trust_detail detail = chain->trust_detail;
    tc_chain_release(chain);
    for (size_t i = 0; i < num_certs; i++) {
        tc_cert_release(certs[i]);
    }
    return detail;
}

static void assert_counts(unsigned parses, unsigned signatures, unsigned paths)
{
    assert_int_equal(g_counts.parses, parses);
    assert_int_equal(g_counts.signatures, signatures);
    assert_int_equal(g_counts.paths, paths);
    g_counts = (struct counts){0};
}

static void a_customer_of_a_known_ca_costs_one_signature(void **state)
{
    const struct customers *all = *state;
    struct tc_verifier *verifier = verifier_trusting(&all->root);
    g_counts = (struct counts){0};
    assert_int_equal(judge(verifier, &all->leaves[0], &all->issuer, NULL), TC_TRUST_OK);
    /* The first: the library judges the whole path, its signature too; the anchor proves itself. */
    assert_counts(2, 1, 1);
    assert_int_equal(judge(verifier, &all->leaves[1], &all->issuer, NULL), TC_TRUST_OK);
    assert_counts(1, 1, 0); /* the second: under the path of its issuers */
    for (size_t i = 2; i < NUM_LEAVES; i++) {
        assert_int_equal(judge(verifier, &all->leaves[i], &all->issuer, NULL), TC_TRUST_OK);
        assert_counts(0, 1, 0); /* an ordinary leaf among many: not even read by the library */
    }
    for (size_t i = 0; i < NUM_LEAVES; i++) { /* another address with the same list */
        assert_int_equal(judge(verifier, &all->leaves[i], &all->issuer, NULL), TC_TRUST_OK);
        assert_counts(0, 0, 0);
    }
    tc_verifier_free(verifier);
}

static void a_customer_of_a_private_ca_costs_one_signature(void **state)
{
    const struct customers *all = *state;
    struct tc_verifier *verifier = verifier_trusting(NULL);
    g_counts = (struct counts){0};
    assert_int_equal(judge(verifier, &all->leaves[0], &all->issuer, &all->root),
                     TC_TRUST_UNTRUSTED_ROOT);
    assert_counts(3, 3, 0); /* leaf, intermediate, and the root's by itself */
    for (size_t i = 1; i < NUM_LEAVES; i++) {
        assert_int_equal(judge(verifier, &all->leaves[i], &all->issuer, &all->root),
                         TC_TRUST_UNTRUSTED_ROOT);
        assert_counts(i == 1 ? 1 : 0, 1, 0);
    }
    tc_verifier_free(verifier);
}

static void a_lonely_leaf_costs_no_signature(void **state)
{
    const struct customers *all = *state;
    struct tc_verifier *verifier = verifier_trusting(&all->root);
    g_counts = (struct counts){0};
    for (size_t i = 0; i < NUM_LEAVES; i++) {
        assert_int_equal(judge(verifier, &all->leaves[i], NULL, NULL), TC_TRUST_UNKNOWN_ISSUER);
        assert_counts(1, 0, 0);
    }
    tc_verifier_free(verifier);
}

static void a_repaired_leaf_costs_one_signature(void **state)
{
    const struct customers *all = *state;
    struct tc_verifier *verifier = verifier_trusting(&all->root);
    struct tc_cert *issuer = NULL;
    assert_int_equal(tc_cert_new(&issuer, all->issuer.der, all->issuer.der_len), TC_OK);
    assert_int_equal(tc_verifier_add_fleet(verifier, issuer), TC_OK);
    tc_cert_release(issuer);
    g_counts = (struct counts){0};
    assert_int_equal(judge(verifier, &all->leaves[0], NULL, NULL), TC_TRUST_INCOMPLETE_CHAIN);
    assert_counts(1, 1, 1); /* the anchor's */
    for (size_t i = 1; i < NUM_LEAVES; i++) {
        assert_int_equal(judge(verifier, &all->leaves[i], NULL, NULL), TC_TRUST_INCOMPLETE_CHAIN);
        assert_counts(1, 1, 0);
    }
    tc_verifier_free(verifier);
}

/* Most of a store's anchors are never come to. */
static void an_anchor_costs_no_signature(void **state)
{
    const struct customers *all = *state;
    g_counts = (struct counts){0};
    struct tc_verifier *verifier = verifier_trusting(&all->root);
    assert_counts(1, 0, 0);
    tc_verifier_free(verifier);
}

static void a_self_signed_leaf_costs_one_signature(void **state)
{
    (void)state;
    struct tc_verifier *verifier = verifier_trusting(NULL);
    struct made_cert alone = make_cert(&(struct cert_recipe){.subject = "alone"});
    g_counts = (struct counts){0};
    assert_int_equal(judge(verifier, &alone, NULL, NULL), TC_TRUST_SELF_SIGNED);
    assert_counts(1, 1, 0);
    made_cert_cleanup(&alone);
    tc_verifier_free(verifier);
}

int main(void)
{
    struct customers customers;
    customers_make(&customers);
    struct CMUnitTest tests[] = {
        cmocka_unit_test(an_anchor_costs_no_signature),
        cmocka_unit_test(a_customer_of_a_known_ca_costs_one_signature),
        cmocka_unit_test(a_customer_of_a_private_ca_costs_one_signature),
        cmocka_unit_test(a_lonely_leaf_costs_no_signature),
        cmocka_unit_test(a_repaired_leaf_costs_one_signature),
        cmocka_unit_test(a_self_signed_leaf_costs_one_signature),
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(tests); i++) {
        tests[i].initial_state = &customers;
    }
    int failures = cmocka_run_group_tests_name("chain_cost", tests, NULL, NULL);
    customers_free(&customers);
    return failures;
}
