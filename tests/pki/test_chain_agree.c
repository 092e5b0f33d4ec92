/*
 * Our verdict against X509_verify_cert's: on every chain seen on real sites at several dates, and
 * on thousands of lists thrown together from the fixture; each judged from the ground, from what
 * is remembered of the issuers, and found again whole.
 */
#include "test_support.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chain_fixture.h"
#include "pki/verifier_internal.h"
#include "shared_data.h"

static void assert_same_verdict(const struct tc_chain *a, const struct tc_chain *b,
                                const char *what)
{
    if (a->trust_detail != b->trust_detail || a->trusted != b->trusted || a->status != b->status ||
        a->num_verified != b->num_verified || a->num_path != b->num_path ||
        a->presented_chain_len != b->presented_chain_len ||
        a->path_not_after_s != b->path_not_after_s || strcmp(a->trust_text, b->trust_text) != 0) {
        fail_msg("%s: from the ground `%s`, remembered `%s`", what, a->trust_text, b->trust_text);
    }
}

/* Judges one list in every way there is: from the ground, from the issuers' path, by a shortcut,
 * and found again whole. */
static bool check_list(struct tc_verifier *verifier, struct tc_cert *const *certs, size_t num_certs,
                       X509_STORE *store, const char *what)
{
    struct tc_chain *ground = NULL;
    struct tc_chain *remembered = NULL;
    struct tc_chain *again = NULL;
    struct tc_chain *shortest = NULL;
    assert_int_equal(tc_verifier_chain(verifier, &ground, certs, num_certs), TC_OK);
    assert_library_agrees(ground, store, verifier->as_of_s, what);
    cache_clear(verifier->chains);
    assert_int_equal(tc_verifier_chain(verifier, &remembered, certs, num_certs), TC_OK);
    assert_same_verdict(ground, remembered, what);
    cache_clear(verifier->chains);
    assert_int_equal(tc_verifier_chain(verifier, &shortest, certs, num_certs), TC_OK);
    assert_same_verdict(ground, shortest, what);
    assert_int_equal(tc_verifier_chain(verifier, &again, certs, num_certs), TC_OK);
    assert_ptr_equal(again, shortest);
    bool is_trusted = ground->trusted;
    tc_chain_release(ground);
    tc_chain_release(remembered);
    tc_chain_release(shortest);
    tc_chain_release(again);
    return is_trusted;
}

static void move_clock(struct tc_verifier *verifier, int64_t as_of_s)
{
    verifier->as_of_s = as_of_s;
    verifier_forget(verifier);
}

/* ---- real chains ---- */

static void check_real_chain(struct tc_verifier *verifier, X509_STORE *store, const char *name,
                             size_t *num_trusted)
{
    char path[512];
    size_t len = 0;
    struct tc_cert_pile pile = {0};
    snprintf(path, sizeof path, "data/real-chains/%s", name);
    char *pem = read_shared_or_skip(path, &len);
    assert_int_equal(tc_cert_pile_read(&pile, (const uint8_t *)pem, len, 1000, NULL), TC_OK);
    free(pem);
    const struct tc_cert *leaf = pile.certs[0];
    const int64_t dates_s[] = {leaf->not_before_s - 1,
                               leaf->not_before_s + 86400,
                               (leaf->not_before_s + leaf->not_after_s) / 2,
                               leaf->not_after_s - 3600,
                               leaf->not_after_s + 3600,
                               MAKE_NOW_S};
    for (size_t i = 0; i < TC_ARRAY_LEN(dates_s); i++) {
        move_clock(verifier, dates_s[i]);
        *num_trusted += check_list(verifier, pile.certs, pile.num_certs, store, name) ? 1 : 0;
        /* And with its tail turned round, which no client minds. */
        for (size_t k = 1; k < pile.num_certs - k; k++) {
            struct tc_cert *swapped = pile.certs[k];
            pile.certs[k] = pile.certs[pile.num_certs - k];
            pile.certs[pile.num_certs - k] = swapped;
        }
        check_list(verifier, pile.certs, pile.num_certs, store, name);
    }
    tc_cert_pile_cleanup(&pile);
}

static void agrees_on_real_chains(void **state)
{
    (void)state;
    size_t len = 0;
    size_t num_added = 0;
    size_t num_files = 0;
    size_t num_trusted = 0;
    struct tc_cert_pile roots = {0};
    struct tc_trust_store *trusted = NULL;
    struct tc_verifier *verifier = NULL;
    char folder[4096];
    char *pem = read_shared_or_skip("data/real-chains/roots.pem", &len);
    assert_int_equal(tc_cert_pile_read(&roots, (const uint8_t *)pem, len, 1000, NULL), TC_OK);
    assert_int_equal(tc_trust_store_new(&trusted), TC_OK);
    assert_int_equal(tc_trust_store_add_pile(trusted, &num_added, (const uint8_t *)pem, len, NULL),
                     TC_OK);
    free(pem);
    assert_int_equal(tc_verifier_new(&verifier, trusted, MAKE_NOW_S), TC_OK);
    X509_STORE *store = library_store(roots.certs, roots.num_certs);
    snprintf(folder, sizeof folder, "%s/data/real-chains", getenv("TLSCENSUS_SHARED"));
    DIR *files = opendir(folder);
    assert_non_null(files);
    const struct dirent *entry = NULL;
    while ((entry = readdir(files)) != NULL) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending != NULL && strcmp(ending, ".pem") == 0) {
            check_real_chain(verifier, store, entry->d_name, &num_trusted);
            num_files++;
        }
    }
    closedir(files);
    print_message("%zu real chains, trusted at %zu of their dates\n", num_files, num_trusted);
    assert_true(num_files >= 115);
    assert_true(num_trusted > 100);
    X509_STORE_free(store);
    tc_verifier_free(verifier);
    tc_cert_pile_cleanup(&roots);
}

/* ---- lists thrown together ---- */

static uint64_t g_random = 0x9e3779b97f4a7c15U;

/* xorshift64: the same lists in every run. */
static size_t random_below(size_t limit)
{
    g_random ^= g_random << 13;
    g_random ^= g_random >> 7;
    g_random ^= g_random << 17;
    return (size_t)(g_random % limit);
}

static void agrees_on_lists_thrown_together(void **state)
{
    (void)state;
    static const char *const stores[] = {"root",  "root2",        "root root2",
                                         "int",   "root int",     "private-root",
                                         "cross", "root-expired", "root-again int-server int-named",
                                         "leaf"};
    static const char everything[] =
        "leaf leaf2 leaf3 leaf-of-root leaf-deep leaf-expired leaf-future leaf-of-expired "
        "leaf-of-expired-root self-signed self-signed-ca self-signed-md5 self-issued private-leaf "
        "private-leaf2 leaf-forged leaf-of-forged leaf-no-ids leaf-of-no-ca leaf-of-no-sign "
        "leaf-too-deep leaf-allowed leaf-not-allowed leaf-of-policy leaf-critical leaf-client "
        "leaf-wrong-usage leaf-of-client leaf-of-server leaf-of-broken leaf-broken leaf-trailing "
        "junk root root2 int stranger root-again cross cross-expired int-expired-copy int-deep "
        "int-expired root-expired private-root private-int int-forged int-other-key int-no-ca "
        "int-no-sign int-short int-below-short int-named int-policy int-client int-server "
        "int-broken int int int cross int-deep int-short int-below-short";
    const struct fixture_list all = fixture_list(everything);
    size_t num_trusted = 0;
    for (size_t round = 0; round < TC_ARRAY_LEN(stores); round++) {
        struct fixture_list anchors = fixture_list(stores[round]);
        struct tc_verifier *verifier = fixture_verifier(stores[round], MAKE_NOW_S + 7);
        X509_STORE *store = library_store(anchors.certs, anchors.num_certs);
        for (size_t i = 0; i < 400; i++) {
            struct tc_cert *list[6];
            char what[64];
            size_t num_certs = 1 + random_below(TC_ARRAY_LEN(list));
            for (size_t k = 0; k < num_certs; k++) {
                list[k] = all.certs[random_below(all.num_certs)];
            }
            snprintf(what, sizeof what, "store `%s`, list %zu", stores[round], i);
            num_trusted += check_list(verifier, list, num_certs, store, what) ? 1 : 0;
        }
        X509_STORE_free(store);
        tc_verifier_free(verifier);
    }
    print_message("4,000 lists, %zu of them trusted\n", num_trusted);
    assert_true(num_trusted > 100);
}

/* Every leaf with the issuers it needs, each beside the same certificates: all paths are known
 * from another leaf when it comes. */
static void agrees_on_every_leaf_beside_every_issuer(void **state)
{
    (void)state;
    static const char *const leaves =
        "leaf leaf2 leaf3 leaf-of-root leaf-deep leaf-expired leaf-future leaf-of-expired "
        "self-signed self-issued private-leaf private-leaf2 leaf-forged leaf-of-forged leaf-no-ids "
        "leaf-of-no-ca leaf-of-no-sign leaf-too-deep leaf-allowed leaf-not-allowed leaf-of-policy "
        "leaf-critical leaf-client leaf-wrong-usage leaf-of-client leaf-of-server leaf-of-broken "
        "leaf-broken leaf-trailing junk";
    static const char *const issuers =
        "int cross int-deep int-expired private-int private-root int-forged int-no-ca int-no-sign "
        "int-short int-below-short int-named int-policy int-client int-server int-broken";
    const struct fixture_list wanted = fixture_list(leaves);
    const struct fixture_list tail = fixture_list(issuers);
    struct fixture_list anchors = fixture_list("root");
    X509_STORE *store = library_store(anchors.certs, anchors.num_certs);
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S + 7);
    for (size_t i = 0; i < 4 * wanted.num_certs; i++) {
        struct tc_cert *list[FIXTURE_LIST_MAX];
        char what[64];
        list[0] = wanted.certs[random_below(wanted.num_certs)];
        for (size_t k = 0; k < tail.num_certs; k++) {
            list[k + 1] = tail.certs[k];
        }
        snprintf(what, sizeof what, "leaf of round %zu", i);
        check_list(verifier, list, tail.num_certs + 1, store, what);
    }
    X509_STORE_free(store);
    tc_verifier_free(verifier);
}

static int make_all(void **state)
{
    (void)state;
    fixture_make();
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    fixture_free();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_on_real_chains),
        cmocka_unit_test(agrees_on_lists_thrown_together),
        cmocka_unit_test(agrees_on_every_leaf_beside_every_issuer),
    };
    return cmocka_run_group_tests_name("chain_agree", tests, make_all, free_all);
}
