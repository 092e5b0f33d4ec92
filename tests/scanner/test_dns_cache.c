#include "test_support.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "scanner/dns_cache.h"

static struct tc_dns_facts *facts_of(const char *detail, unsigned num_addresses)
{
    struct tc_address addresses[8];
    memset(addresses, 0, sizeof addresses);
    for (unsigned i = 0; i < num_addresses; i++) {
        addresses[i].len = TC_IPV4_BYTES;
        addresses[i].octets[3] = (uint8_t)i;
    }
    struct tc_dns_facts *facts =
        tc_dns_facts_new(TC_OUTCOME_OK, detail, "one two", addresses, num_addresses);
    assert_non_null(facts);
    return facts;
}

static void put(struct tc_dns_cache *cache, const char *name, const char *detail)
{
    struct tc_dns_facts *facts = facts_of(detail, 2);
    tc_dns_cache_put(cache, name, facts);
    tc_dns_facts_release(facts);
}

static void facts_are_a_copy(void **state)
{
    struct tc_dns_facts *facts = facts_of("words", 3);
    struct tc_dns_facts *bare = tc_dns_facts_new(TC_OUTCOME_DNS_NOT_FOUND, "", NULL, NULL, 0);
    (void)state;
    assert_int_equal(facts->num_addresses, 3);
    assert_int_equal(facts->addresses[2].octets[3], 2);
    assert_string_equal(facts->detail, "words");
    assert_string_equal(facts->cname_chain, "one two");
    assert_null(bare->cname_chain);
    assert_string_equal(bare->detail, "");
    tc_dns_facts_release(facts);
    tc_dns_facts_release(bare);
    tc_dns_facts_release(NULL);
}

static void the_first_stays(void **state)
{
    struct tc_dns_cache *cache = NULL;
    (void)state;
    assert_int_equal(tc_dns_cache_new(&cache, 4), TC_OK);
    assert_null(tc_dns_cache_get(cache, "a.test"));
    put(cache, "a.test", "first");
    put(cache, "a.test", "second");
    assert_int_equal(tc_dns_cache_count(cache), 1);
    struct tc_dns_facts *facts = tc_dns_cache_get(cache, "a.test");
    assert_string_equal(facts->detail, "first");
    tc_dns_facts_release(facts);
    assert_null(tc_dns_cache_get(cache, "a.tes"));
    assert_null(tc_dns_cache_get(cache, ""));
    tc_dns_cache_free(cache);
    tc_dns_cache_free(NULL);
}

static void the_oldest_goes(void **state)
{
    struct tc_dns_cache *cache = NULL;
    char name[16];
    (void)state;
    assert_int_equal(tc_dns_cache_new(&cache, 3), TC_OK); /* two share a bucket of four */
    struct tc_dns_facts *kept = NULL;
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "n%d.test", i);
        put(cache, name, name);
        if (i == 0) {
            kept = tc_dns_cache_get(cache, name);
        }
    }
    assert_int_equal(tc_dns_cache_count(cache), 3);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "n%d.test", i);
        struct tc_dns_facts *facts = tc_dns_cache_get(cache, name);
        assert_int_equal(facts != NULL, i >= 97);
        tc_dns_facts_release(facts);
    }
    assert_string_equal(kept->detail, "n0.test"); /* a reference outlives its place in the cache */
    tc_dns_facts_release(kept);
    tc_dns_cache_free(cache);
}

static void a_cache_of_one(void **state)
{
    struct tc_dns_cache *cache = NULL;
    (void)state;
    assert_int_equal(tc_dns_cache_new(&cache, 1), TC_OK);
    put(cache, "a", "a");
    put(cache, "b", "b");
    assert_null(tc_dns_cache_get(cache, "a"));
    struct tc_dns_facts *facts = tc_dns_cache_get(cache, "b");
    assert_non_null(facts);
    tc_dns_facts_release(facts);
    tc_dns_cache_free(cache);
}

/* Workers that put, get and evict the same names at once; the sanitizers watch. */
static void *work(void *context)
{
    struct tc_dns_cache *cache = context;
    size_t wrong = 0;
    for (int i = 0; i < 5000; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d.test", i % 97);
        struct tc_dns_facts *facts = tc_dns_cache_get(cache, name);
        if (facts != NULL) {
            wrong += strcmp(facts->detail, name) != 0 ? 1 : 0;
            tc_dns_facts_release(facts);
        } else {
            facts = tc_dns_facts_new(TC_OUTCOME_OK, name, NULL, NULL, 0);
            if (facts != NULL) {
                tc_dns_cache_put(cache, name, facts);
                tc_dns_facts_release(facts);
            }
        }
    }
    return (void *)wrong;
}

static void workers_share_it(void **state)
{
    struct tc_dns_cache *cache = NULL;
    pthread_t threads[4];
    (void)state;
    assert_int_equal(tc_dns_cache_new(&cache, 32), TC_OK);
    for (size_t i = 0; i < TC_ARRAY_LEN(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, work, cache), 0);
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(threads); i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_true(tc_dns_cache_count(cache) <= 32);
    tc_dns_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_a_copy), cmocka_unit_test(the_first_stays),
        cmocka_unit_test(the_oldest_goes),  cmocka_unit_test(a_cache_of_one),
        cmocka_unit_test(workers_share_it),
    };
    return cmocka_run_group_tests_name("dns_cache", tests, NULL, NULL);
}
