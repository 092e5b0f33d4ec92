/* One verifier, several threads: the same certificates and verdicts, more of them than it keeps. */
#include "test_support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain_fixture.h"
#include "pki/cache.h"

#define NUM_THREADS 4U
#define NUM_LEAVES  1500U /* more than any of the verifier's memories */

static struct made_cert g_issuer;
static struct made_cert g_leaves[NUM_LEAVES];

struct worker {
    pthread_t thread;
    struct tc_verifier *verifier;
    unsigned number;
    unsigned wrong;
};

static const struct thread_case {
    const char *sent;
    enum tc_trust_detail detail;
} k_cases[] = {
    {"leaf int", TC_TRUST_OK},
    {"leaf2 int", TC_TRUST_OK},
    {"leaf int cross", TC_TRUST_OK},
    {"leaf-deep int-deep int", TC_TRUST_OK},
    {"leaf", TC_TRUST_UNKNOWN_ISSUER},
    {"leaf-forged int", TC_TRUST_BAD_SIGNATURE},
    {"leaf-expired int", TC_TRUST_EXPIRED},
    {"self-signed", TC_TRUST_SELF_SIGNED},
    {"private-leaf private-int private-root", TC_TRUST_UNTRUSTED_ROOT},
    {"leaf-not-allowed int-named", TC_TRUST_CONSTRAINT},
    {"leaf-allowed int-named", TC_TRUST_OK},
    {"junk int", TC_TRUST_UNPARSABLE},
    {"leaf-client int", TC_TRUST_PURPOSE},
};

/* Everything by way of its bytes, as it comes from the network. */
static bool judge(struct tc_verifier *verifier, const uint8_t *const *ders, const size_t *lens,
                  size_t num_certs, enum tc_trust_detail expected)
{
    struct tc_cert *certs[8] = {NULL};
    struct tc_chain *chain = NULL;
    bool is_right = true;
    for (size_t i = 0; i < num_certs; i++) {
        is_right = is_right && tc_verifier_cert(verifier, &certs[i], ders[i], lens[i]) == TC_OK;
    }
    is_right = is_right && tc_verifier_chain(verifier, &chain, certs, num_certs) == TC_OK &&
               chain->trust_detail == expected && chain->num_presented == num_certs;
    tc_chain_release(chain);
    for (size_t i = 0; i < num_certs; i++) {
        tc_cert_release(certs[i]);
    }
    return is_right;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    for (unsigned i = 0; i < NUM_LEAVES; i++) {
        unsigned at = (i + worker->number * (worker->number % 2 == 0 ? 1 : 7)) % NUM_LEAVES;
        const struct thread_case *row = &k_cases[(i + worker->number) % TC_ARRAY_LEN(k_cases)];
        const struct fixture_list list = fixture_list(row->sent);
        const uint8_t *ders[8] = {g_leaves[at].der, g_issuer.der};
        size_t lens[8] = {g_leaves[at].der_len, g_issuer.der_len};
        worker->wrong += judge(worker->verifier, ders, lens, 2, TC_TRUST_OK) ? 0 : 1;
        for (size_t k = 0; k < list.num_certs; k++) {
            ders[k] = list.certs[k]->der;
            lens[k] = list.certs[k]->der_len;
        }
        worker->wrong += judge(worker->verifier, ders, lens, list.num_certs, row->detail) ? 0 : 1;
    }
    return NULL;
}

static void threads_get_the_same_verdicts(void **state)
{
    (void)state;
    struct worker workers[NUM_THREADS];
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S);
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        workers[i] = (struct worker){.verifier = verifier, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    tc_verifier_free(verifier);
}

/* Two entries without any bytes are one certificate, though the second has no pointer either. */
static void an_empty_certificate_is_remembered(void **state)
{
    (void)state;
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S);
    struct tc_cert *first = NULL;
    struct tc_cert *second = NULL;
    assert_int_equal(tc_verifier_cert(verifier, &first, (const uint8_t *)"", 0), TC_OK);
    assert_int_equal(tc_verifier_cert(verifier, &second, NULL, 0), TC_OK);
    assert_non_null(first->parse_error);
    assert_ptr_equal(first, second);
    tc_cert_release(first);
    tc_cert_release(second);
    tc_verifier_free(verifier);
}

/* ---- the memory itself ---- */

static atomic_int g_num_alive;

struct number {
    struct tc_ref ref;
    unsigned value;
};

static void number_destroy(struct tc_ref *ref)
{
    atomic_fetch_sub(&g_num_alive, 1);
    free(ref);
}

static struct number *number_new(unsigned value)
{
    struct number *number = calloc(1, sizeof *number);
    assert_non_null(number);
    tc_ref_init(&number->ref, number_destroy);
    number->value = value;
    atomic_fetch_add(&g_num_alive, 1);
    return number;
}

static bool same_number(const struct tc_ref *value, const void *key)
{
    const struct number *number = (const struct number *)(const void *)value;
    return number->value == *(const unsigned *)key;
}

static uint64_t spread(unsigned value)
{
    return (uint64_t)value * 0x9e3779b9U;
}

static void a_cache_keeps_its_bound_and_what_is_used(void **state)
{
    (void)state;
    struct cache *cache = cache_new(64, same_number);
    const unsigned hot = 5;
    for (unsigned i = 0; i < 10000; i++) {
        struct number *number = number_new(i);
        tc_ref_release(cache_put(cache, spread(i), &i, &number->ref));
        tc_ref_release(&number->ref);
        struct tc_ref *found = cache_get(cache, spread(hot), &hot);
        if (i >= hot) {
            assert_non_null(found);
        }
        tc_ref_release(found);
    }
    assert_true(atomic_load(&g_num_alive) > 32);
    assert_true(atomic_load(&g_num_alive) <= 64 + 16); /* it rounds up, a slot in each part */
    cache_free(cache);
    assert_int_equal(atomic_load(&g_num_alive), 0);
}

static void a_cache_tells_equal_hashes_apart(void **state)
{
    (void)state;
    struct cache *cache = cache_new(1024, same_number);
    for (unsigned i = 0; i < 50; i++) {
        struct number *number = number_new(i);
        struct number *twin = number_new(i);
        struct tc_ref *first = cache_put(cache, 7, &i, &number->ref);
        struct tc_ref *second = cache_put(cache, 7, &i, &twin->ref);
        assert_ptr_equal(first, number);
        assert_ptr_equal(second, number); /* the first stays, the twin goes */
        tc_ref_release(first);
        tc_ref_release(second);
        tc_ref_release(&number->ref);
        tc_ref_release(&twin->ref);
    }
    for (unsigned i = 0; i < 50; i++) {
        struct tc_ref *found = cache_get(cache, 7, &i);
        assert_int_equal(((struct number *)(void *)found)->value, i);
        tc_ref_release(found);
    }
    const unsigned missing = 50;
    assert_null(cache_get(cache, 7, &missing));
    cache_clear(cache);
    assert_int_equal(atomic_load(&g_num_alive), 0);
    cache_free(cache);
}

static int make_all(void **state)
{
    (void)state;
    fixture_make();
    g_issuer = fixture_issue("Many Leaves CA", "root");
    for (unsigned i = 0; i < NUM_LEAVES; i++) {
        g_leaves[i] = make_cert(&(struct cert_recipe){
            .subject = "one of many", .key = made_key("P-256", 2), .issuer = &g_issuer});
    }
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    for (unsigned i = 0; i < NUM_LEAVES; i++) {
        made_cert_cleanup(&g_leaves[i]);
    }
    made_cert_cleanup(&g_issuer);
    fixture_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_get_the_same_verdicts),
        cmocka_unit_test(an_empty_certificate_is_remembered),
        cmocka_unit_test(a_cache_keeps_its_bound_and_what_is_used),
        cmocka_unit_test(a_cache_tells_equal_hashes_apart),
    };
    return cmocka_run_group_tests_name("verifier_threads", tests, make_all, free_all);
}
