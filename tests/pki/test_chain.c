/* Verdicts: every chain_status and every trust_detail, each from a real cause. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "chain_fixture.h"
#include "pki/verifier_internal.h"

/* Which of the booleans hold. */
enum { TRUSTED = 1 << 0, BUT_FOR_DATE = 1 << 1, ORDER_OK = 1 << 2, ROOT_SENT = 1 << 3 };

static const struct chain_case {
    const char *name;
    const char *sent;
    const char *trusted;
    const char *fleet;
    enum tc_chain_status status;
    enum tc_trust_detail detail;
    unsigned flags;
    size_t verified; /* depth */
    size_t run;      /* presented_chain_len */
    size_t extraneous;
    size_t duplicates;
    const char *words;           /* in trust_text */
    const char *first_to_expire; /* NULL: not compared */
} k_cases[] = {
    /* ---- trusted ---- */
    {"trusted: leaf and intermediate, the root in the store", "leaf int", "root", "",
     TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 0, 0, "ends in Test Root", "leaf"},
    {"trusted: two intermediates", "leaf-deep int-deep int", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK, 4, 3, 0, 0, "path of 4", "leaf-deep"},
    {"trusted: signed by the root itself", "leaf-of-root", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK, 2, 1, 0, 0, "", "leaf-of-root"},
    {"trusted: a sent root is no disorder", "leaf int root", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK | ROOT_SENT, 3, 3, 0, 0, "", NULL},
    {"trusted: another copy of the root was sent", "leaf int root-again", "root", "",
     TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK | ROOT_SENT, 3, 3, 0, 0, "", NULL},
    {"trusted: cross-sign sent, the shorter path is taken", "leaf int cross", "root", "",
     TC_CHAIN_EXTRA_CERTIFICATES, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 3, 1, 0, "", NULL},
    {"trusted: the cross-sign is needed", "leaf int cross", "root2", "", TC_CHAIN_COMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK, 4, 3, 0, 0, "ends in Second Root", NULL},
    {"trusted: an expired cross-sign spoils nothing", "leaf int cross-expired", "root", "",
     TC_CHAIN_EXTRA_CERTIFICATES, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 3, 1, 0, "", "leaf"},
    {"trusted: an expired copy of the intermediate before the good one",
     "leaf int-expired-copy int", "root", "", TC_CHAIN_EXTRA_CERTIFICATES, TC_TRUST_OK,
     TRUSTED | ORDER_OK, 3, 2, 1, 0, "", "leaf"},
    {"trusted: the store holds the leaf itself", "leaf", "leaf", "", TC_CHAIN_COMPLETE, TC_TRUST_OK,
     TRUSTED | ORDER_OK, 1, 1, 0, 0, "holds this certificate", "leaf"},
    {"trusted: a self-signed leaf in the store", "self-signed", "self-signed root", "",
     TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK, 1, 1, 0, 0, "", "self-signed"},
    {"trusted: an intermediate as anchor", "leaf", "int", "", TC_CHAIN_COMPLETE, TC_TRUST_OK,
     TRUSTED | ORDER_OK, 2, 1, 0, 0, "ends in Test Intermediate", NULL},
    {"trusted: names within the constraints", "leaf-allowed int-named", "root", "",
     TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 0, 0, "", NULL},
    {"trusted: path length and extKeyUsage of the intermediate fit", "leaf-of-server int-server",
     "root", "", TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 0, 0, "", NULL},
    {"trusted: in its last second", "leaf-last-second int", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 0, 0, "", "leaf-last-second"},
    /* ---- order, strangers, duplicates ---- */
    {"out-of-order: two intermediates swapped", "leaf-deep int int-deep", "root", "",
     TC_CHAIN_OUT_OF_ORDER, TC_TRUST_OK, TRUSTED, 4, 1, 0, 0, "", NULL},
    {"out-of-order: root before intermediate", "leaf root int", "root", "", TC_CHAIN_OUT_OF_ORDER,
     TC_TRUST_OK, TRUSTED | ROOT_SENT, 3, 1, 0, 0, "", NULL},
    {"out-of-order: a stranger stands between", "leaf stranger int", "root", "",
     TC_CHAIN_OUT_OF_ORDER, TC_TRUST_OK, TRUSTED, 3, 1, 1, 0, "", NULL},
    {"extra-certificates: a stranger at the end", "leaf int stranger", "root", "",
     TC_CHAIN_EXTRA_CERTIFICATES, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 1, 0, "", NULL},
    {"duplicates: the intermediate twice", "leaf int int", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 0, 1, "", NULL},
    {"duplicates: the leaf twice", "leaf leaf int", "root", "", TC_CHAIN_OUT_OF_ORDER, TC_TRUST_OK,
     TRUSTED, 3, 1, 0, 1, "", NULL},
    /* ---- incomplete ---- */
    {"incomplete: the store holds the intermediate", "leaf", "root int", "", TC_CHAIN_INCOMPLETE,
     TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 1, 0, 0, "did not send Test Intermediate", NULL},
    {"incomplete: repaired by the fleet", "leaf", "root", "int stranger", TC_CHAIN_INCOMPLETE,
     TC_TRUST_INCOMPLETE_CHAIN, ORDER_OK, 3, 1, 0, 0, "did not send Test Intermediate", "leaf"},
    {"incomplete: the fleet has the upper one", "leaf-deep int-deep", "root", "int",
     TC_CHAIN_INCOMPLETE, TC_TRUST_INCOMPLETE_CHAIN, ORDER_OK, 4, 2, 0, 0,
     "did not send Test Intermediate", NULL},
    {"incomplete: the fleet has both", "leaf-deep", "root", "int int-deep", TC_CHAIN_INCOMPLETE,
     TC_TRUST_INCOMPLETE_CHAIN, ORDER_OK, 4, 1, 0, 0, "Deep Intermediate and Test Intermediate",
     NULL},
    {"incomplete: before expired", "leaf-expired", "root", "int", TC_CHAIN_INCOMPLETE,
     TC_TRUST_INCOMPLETE_CHAIN, ORDER_OK, 3, 1, 0, 0, "", "leaf-expired"},
    {"no-path: the fleet cannot mend a forged leaf", "leaf-forged", "root", "int", TC_CHAIN_NO_PATH,
     TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 1, 0, 0, "", NULL},
    {"no-path: the fleet cannot mend a wrong purpose", "leaf-client", "root", "int",
     TC_CHAIN_NO_PATH, TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 1, 0, 0, "", NULL},
    /* ---- no path ---- */
    {"unknown-issuer: nothing but the leaf", "leaf", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 1, 0, 0, "CN=Test Intermediate", "leaf"},
    {"unknown-issuer: the intermediate's root is unknown", "leaf int", "root2", "",
     TC_CHAIN_NO_PATH, TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 2, 0, 0, "CN=Test Root", NULL},
    {"unknown-issuer: an empty store", "leaf int", "", "", TC_CHAIN_NO_PATH,
     TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 2, 0, 0, "", NULL},
    {"unknown-issuer: the issuer's name with another key", "leaf int-other-key", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 1, 1, 0, "", NULL},
    {"unknown-issuer: self-issued, not self-signed", "self-issued", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_UNKNOWN_ISSUER, ORDER_OK, 0, 1, 0, 0, "", NULL},
    {"self-signed: a leaf", "self-signed", "root", "", TC_CHAIN_NO_PATH, TC_TRUST_SELF_SIGNED,
     ORDER_OK, 0, 1, 0, 0, "self.test is self-signed", "self-signed"},
    {"self-signed: a CA as leaf", "self-signed-ca", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_SELF_SIGNED, ORDER_OK, 0, 1, 0, 0, "", NULL},
    {"self-signed: with MD5", "self-signed-md5", "root", "", TC_CHAIN_NO_PATH, TC_TRUST_SELF_SIGNED,
     ORDER_OK, 0, 1, 0, 0, "appliance", NULL},
    {"untrusted-root: a private root was sent", "private-leaf private-int private-root", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_UNTRUSTED_ROOT, ORDER_OK | ROOT_SENT, 0, 3, 0, 0,
     "the root Private Root", "private-leaf"},
    {"untrusted-root: the fleet does not matter", "private-leaf private-int private-root", "root",
     "int", TC_CHAIN_NO_PATH, TC_TRUST_UNTRUSTED_ROOT, ORDER_OK | ROOT_SENT, 0, 3, 0, 0, "", NULL},
    {"trusted: the private root in the store", "private-leaf private-int private-root",
     "private-root", "", TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK | ROOT_SENT, 3, 3, 0, 0,
     "", NULL},
    {"bad-signature: of the leaf", "leaf-forged int", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_BAD_SIGNATURE, 0, 0, 1, 0, 0, "forged.test by Test Intermediate", NULL},
    {"bad-signature: of the intermediate", "leaf-of-forged int-forged", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_BAD_SIGNATURE, ORDER_OK, 0, 2, 0, 0, "Forged Intermediate by",
     NULL},
    {"bad-signature: the issuer's key is of a kind that BoringSSL lacks",
     "leaf-of-odd-key int-odd-key", "root", "", TC_CHAIN_NO_PATH, TC_TRUST_BAD_SIGNATURE, 0, 0, 1,
     0, 0, "cannot use a key", NULL},
    {"trusted: the leaf's own key may be of any kind", "leaf-odd-key int", "root", "",
     TC_CHAIN_COMPLETE, TC_TRUST_OK, TRUSTED | ORDER_OK, 3, 2, 0, 0, "", NULL},
    {"bad-signature: same name, no key identifiers, another key", "leaf-no-ids int-other-key",
     "root", "", TC_CHAIN_NO_PATH, TC_TRUST_BAD_SIGNATURE, 0, 0, 1, 0, 0, "", NULL},
    {"trusted: the right one of two with the same name", "leaf-no-ids int-other-key int", "root",
     "", TC_CHAIN_OUT_OF_ORDER, TC_TRUST_OK, TRUSTED, 3, 1, 1, 0, "", NULL},
    {"unparsable: the leaf is junk", "junk int", "root", "", TC_CHAIN_NO_PATH, TC_TRUST_UNPARSABLE,
     ORDER_OK, 0, 1, 1, 0, "cannot be", NULL},
    {"unparsable: the leaf's key usage", "leaf-broken int", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_UNPARSABLE, ORDER_OK, 0, 2, 1, 0, "keyUsage", NULL},
    {"unparsable: a byte behind the leaf", "leaf-trailing int", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_UNPARSABLE, ORDER_OK, 0, 1, 1, 0, "bytes follow", NULL},
    {"unparsable: the intermediate", "leaf-of-broken int-broken", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_UNPARSABLE, ORDER_OK, 0, 2, 1, 0, "Broken Intermediate", NULL},
    {"constraint: the issuer is no CA", "leaf-of-no-ca int-no-ca", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_CONSTRAINT, ORDER_OK, 0, 2, 0, 0, "No CA issued a certificate but is no CA", NULL},
    {"constraint: the issuer may not sign", "leaf-of-no-sign int-no-sign", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_CONSTRAINT, ORDER_OK, 0, 2, 0, 0, "No Signing", NULL},
    {"constraint: the path is too long", "leaf-too-deep int-below-short int-short", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_CONSTRAINT, ORDER_OK, 0, 3, 0, 0, "allows only 0 more", NULL},
    {"constraint: a name that is not permitted", "leaf-not-allowed int-named", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_CONSTRAINT, ORDER_OK, 0, 2, 0, 0, "leaf.test has a name", NULL},
    {"constraint: a critical extension nobody knows", "leaf-critical int", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_CONSTRAINT, ORDER_OK, 0, 2, 0, 0, "critical extension", NULL},
    {"constraint: the leaf's key usage", "leaf-wrong-usage int", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_CONSTRAINT, ORDER_OK, 0, 2, 0, 0, "key usage", NULL},
    {"purpose: the leaf is for clients", "leaf-client int", "root", "", TC_CHAIN_NO_PATH,
     TC_TRUST_PURPOSE, ORDER_OK, 0, 2, 0, 0, "client.test is not for TLS servers", NULL},
    {"purpose: the intermediate is for clients", "leaf-of-client int-client", "root", "",
     TC_CHAIN_NO_PATH, TC_TRUST_PURPOSE, ORDER_OK, 0, 2, 0, 0, "Client Intermediate is not", NULL},
    /* ---- dates ---- */
    {"expired: the leaf", "leaf-expired int", "root", "", TC_CHAIN_COMPLETE, TC_TRUST_EXPIRED,
     BUT_FOR_DATE | ORDER_OK, 3, 2, 0, 0, "old.test expired on 2026-05-31", "leaf-expired"},
    {"expired: the intermediate", "leaf-of-expired int-expired", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_EXPIRED, BUT_FOR_DATE | ORDER_OK, 3, 2, 0, 0, "Expired Intermediate expired",
     "int-expired"},
    {"expired: the anchor", "leaf-of-expired-root", "root-expired", "", TC_CHAIN_COMPLETE,
     TC_TRUST_EXPIRED, BUT_FOR_DATE | ORDER_OK, 2, 1, 0, 0, "Expired Root expired",
     "leaf-of-expired-root"},
    {"expired: and out of order all the same", "leaf-expired root int", "root", "",
     TC_CHAIN_OUT_OF_ORDER, TC_TRUST_EXPIRED, BUT_FOR_DATE | ROOT_SENT, 3, 1, 0, 0, "", NULL},
    {"not-yet-valid: the leaf", "leaf-future int", "root", "", TC_CHAIN_COMPLETE,
     TC_TRUST_NOT_YET_VALID, BUT_FOR_DATE | ORDER_OK, 3, 2, 0, 0, "is not valid before 2026-06-02",
     NULL},
};

static void check_verdict(const struct chain_case *row, const struct tc_chain *chain)
{
    assert_string_equal(tc_trust_detail_str(chain->trust_detail), tc_trust_detail_str(row->detail));
    assert_string_equal(tc_chain_status_str(chain->status), tc_chain_status_str(row->status));
    assert_int_equal(chain->trusted, (row->flags & TRUSTED) != 0);
    assert_int_equal(chain->trusted_but_for_date, (row->flags & BUT_FOR_DATE) != 0);
    assert_int_equal(chain->num_verified, row->verified);
    assert_int_equal(chain->presented_chain_len, row->run);
    assert_int_equal(chain->num_extraneous, row->extraneous);
    assert_int_equal(chain->num_duplicates, row->duplicates);
    assert_int_equal(chain->order_ok, (row->flags & ORDER_OK) != 0);
    assert_int_equal(chain->root_sent, (row->flags & ROOT_SENT) != 0);
    assert_non_null(chain->trust_text);
    if (strstr(chain->trust_text, row->words) == NULL) {
        fail_msg("`%s` is not in `%s`", row->words, chain->trust_text);
    }
    if (row->first_to_expire != NULL) {
        const struct tc_cert *expected = fixture_cert(row->first_to_expire);
        assert_memory_equal(chain->path_first_to_expire->sha256, expected->sha256, TC_SHA256_BYTES);
        assert_int_equal(chain->path_not_after_s, expected->not_after_s);
    }
    assert_true(chain->num_path >= 1);
    for (size_t i = 0; i < chain->num_path; i++) {
        assert_true(!chain->path[i].is_anchor || i + 1 == chain->num_path);
    }
}

/* From the ground, then twice with everything remembered but the verdict itself. */
static void check_case(void **state)
{
    const struct chain_case *row = *state;
    struct tc_verifier *verifier = fixture_verifier(row->trusted, MAKE_NOW_S);
    struct fixture_list sent = fixture_list(row->sent);
    struct fixture_list fleet = fixture_list(row->fleet);
    for (size_t i = 0; i < fleet.num_certs; i++) {
        assert_int_equal(tc_verifier_add_fleet(verifier, fleet.certs[i]), TC_OK);
    }
    for (int round = 0; round < 3; round++) {
        struct tc_chain *chain = NULL;
        assert_int_equal(tc_verifier_chain(verifier, &chain, sent.certs, sent.num_certs), TC_OK);
        assert_int_equal(chain->num_presented, sent.num_certs);
        check_verdict(row, chain);
        tc_chain_release(chain);
        cache_clear(verifier->chains);
    }
    tc_verifier_free(verifier);
}

/* ---- what a table does not show ---- */

static void the_path_says_where_each_came_from(void **state)
{
    (void)state;
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S);
    struct fixture_list sent = fixture_list("leaf-deep int-deep");
    struct tc_chain *chain = NULL;
    assert_int_equal(tc_verifier_add_fleet(verifier, fixture_cert("int")), TC_OK);
    assert_int_equal(tc_verifier_chain(verifier, &chain, sent.certs, sent.num_certs), TC_OK);
    assert_int_equal(chain->num_path, 4);
    assert_int_equal(chain->path[0].origin, TC_ORIGIN_SENT);
    assert_int_equal(chain->path[1].origin, TC_ORIGIN_SENT);
    assert_int_equal(chain->path[2].origin, TC_ORIGIN_FLEET);
    assert_int_equal(chain->path[3].origin, TC_ORIGIN_STORE);
    assert_true(chain->path[3].is_anchor);
    tc_chain_release(chain);
    tc_verifier_free(verifier);
}

static void a_fleet_certificate_changes_remembered_verdicts(void **state)
{
    (void)state;
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S);
    struct fixture_list sent = fixture_list("leaf");
    struct tc_chain *before = NULL;
    struct tc_chain *after = NULL;
    assert_int_equal(tc_verifier_chain(verifier, &before, sent.certs, 1), TC_OK);
    assert_int_equal(before->trust_detail, TC_TRUST_UNKNOWN_ISSUER);
    assert_int_equal(tc_verifier_add_fleet(verifier, fixture_cert("int")), TC_OK);
    assert_int_equal(tc_verifier_chain(verifier, &after, sent.certs, 1), TC_OK);
    assert_int_equal(after->trust_detail, TC_TRUST_INCOMPLETE_CHAIN);
    assert_int_equal(before->trust_detail, TC_TRUST_UNKNOWN_ISSUER); /* it never changes */
    tc_chain_release(before);
    tc_chain_release(after);
    tc_verifier_free(verifier);
}

static void an_empty_list_is_refused(void **state)
{
    (void)state;
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S);
    struct tc_chain *chain = NULL;
    assert_int_equal(tc_verifier_chain(verifier, &chain, NULL, 0), TC_ERR_RANGE);
    assert_null(chain);
    tc_verifier_free(verifier);
}

/* A forged leaf must not teach anything that harms the next leaf beside the same certificates. */
static void a_forged_leaf_poisons_nothing(void **state)
{
    (void)state;
    struct tc_verifier *verifier = fixture_verifier("root", MAKE_NOW_S);
    struct fixture_list forged = fixture_list("leaf-forged int cross");
    struct fixture_list good = fixture_list("leaf int cross");
    struct tc_chain *chain = NULL;
    assert_int_equal(tc_verifier_chain(verifier, &chain, forged.certs, 3), TC_OK);
    assert_false(chain->trusted);
    tc_chain_release(chain);
    assert_int_equal(tc_verifier_chain(verifier, &chain, good.certs, 3), TC_OK);
    assert_true(chain->trusted);
    tc_chain_release(chain);
    tc_verifier_free(verifier);
}

static void the_store_counts_each_once(void **state)
{
    (void)state;
    struct tc_trust_store *one = NULL;
    struct tc_trust_store *two = NULL;
    size_t num_added = 0;
    uint8_t hash_one[TC_SHA256_BYTES];
    uint8_t hash_two[TC_SHA256_BYTES];
    const struct tc_cert *a = fixture_cert("root");
    const struct tc_cert *b = fixture_cert("root2");
    const struct tc_cert *junk = fixture_cert("junk");
    assert_int_equal(tc_trust_store_new(&one), TC_OK);
    assert_int_equal(tc_trust_store_new(&two), TC_OK);
    assert_int_equal(tc_trust_store_add_pile(one, &num_added, a->der, a->der_len, NULL), TC_OK);
    assert_int_equal(tc_trust_store_add_pile(one, &num_added, b->der, b->der_len, NULL), TC_OK);
    assert_int_equal(tc_trust_store_add_pile(one, &num_added, a->der, a->der_len, NULL), TC_OK);
    assert_int_equal(num_added, 0);
    assert_int_equal(tc_trust_store_count(one), 2);
    assert_int_equal(tc_trust_store_add_pile(two, &num_added, b->der, b->der_len, NULL), TC_OK);
    assert_int_equal(tc_trust_store_add_pile(two, &num_added, a->der, a->der_len, NULL), TC_OK);
    tc_trust_store_sha256(one, hash_one);
    tc_trust_store_sha256(two, hash_two);
    assert_memory_equal(hash_one, hash_two, TC_SHA256_BYTES); /* the order does not matter */
    assert_int_equal(tc_trust_store_add_pile(two, &num_added, junk->der, junk->der_len, NULL),
                     TC_ERR_NOT_FOUND);
    assert_int_equal(tc_trust_store_count(two), 2);
    tc_trust_store_free(one);
    tc_trust_store_free(two);
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
    const struct CMUnitTest single[] = {
        cmocka_unit_test(the_path_says_where_each_came_from),
        cmocka_unit_test(a_fleet_certificate_changes_remembered_verdicts),
        cmocka_unit_test(an_empty_list_is_refused),
        cmocka_unit_test(a_forged_leaf_poisons_nothing),
        cmocka_unit_test(the_store_counts_each_once),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(k_cases) + TC_ARRAY_LEN(single)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_cases); i++) {
        union {
            const struct chain_case *in;
            void *out;
        } row = {.in = &k_cases[i]};
        tests[i].name = k_cases[i].name;
        tests[i].test_func = check_case;
        tests[i].initial_state = row.out;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(single); i++) {
        tests[TC_ARRAY_LEN(k_cases) + i] = single[i];
    }
    return cmocka_run_group_tests_name("chain", tests, make_all, free_all);
}
