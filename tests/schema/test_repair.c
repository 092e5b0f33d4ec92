/* Chains that are judged again when a scan closes, with what other endpoints sent. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "make_cert.h"
#include "store_fixture.h"

struct world {
    char *folder;
    const char *path;
    struct made_cert root;
    struct made_cert inter;
    struct made_cert stray_root; /* nobody trusts it */
    struct tc_verifier *verifier;
    struct tc_store *store;
    struct tc_writer *writer;
    int64_t scan_id;
};

static struct made_cert made(const char *subject, const struct made_cert *issuer, bool is_ca)
{
    const char *const dns[] = {subject, NULL};
    const struct cert_recipe recipe = {
        .subject = subject, .issuer = issuer, .is_ca = is_ca, .dns = is_ca ? NULL : dns};
    return make_cert(&recipe);
}

static struct tc_verifier *verifier_of(const struct made_cert *root)
{
    struct tc_trust_store *anchors = NULL;
    struct tc_verifier *verifier = NULL;
    size_t added = 0;
    assert_int_equal(tc_trust_store_new(&anchors), TC_OK);
    assert_int_equal(tc_trust_store_add_pile(anchors, &added, root->der, root->der_len, NULL),
                     TC_OK);
    assert_int_equal(tc_verifier_new(&verifier, anchors, MAKE_NOW_S), TC_OK);
    return verifier;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    world->folder = fixture_folder_new();
    world->path = strdup(fixture_path(world->folder, "census.db"));
    world->root = made("Root", NULL, true);
    world->inter = made("Issuing CA", &world->root, true);
    world->stray_root = made("Stray", NULL, true);
    world->verifier = verifier_of(&world->root);
    world->store = fixture_scan_begin(world->path, &world->scan_id);
    assert_int_equal(tc_writer_start(&world->writer, world->store, world->scan_id, false, NULL),
                     TC_OK);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    tc_store_close(world->store);
    tc_verifier_free(world->verifier);
    made_cert_cleanup(&world->root);
    made_cert_cleanup(&world->inter);
    made_cert_cleanup(&world->stray_root);
    fixture_folder_free(world->folder);
    free((void *)(uintptr_t)world->path);
    free(world);
    return 0;
}

/* An endpoint that sends a leaf of that name, and the intermediate only where it is given. */
static void observe(struct world *world, const char *host, const struct made_cert *leaf,
                    const struct made_cert *inter, const char *address)
{
    struct tc_cert *presented[2] = {NULL, NULL};
    struct tc_chain *chain = NULL;
    size_t num = inter != NULL ? 2 : 1;
    struct tc_target *target = fixture_target(host, 1, NULL, NULL);
    (void)fixture_register(world->writer, target);
    assert_int_equal(tc_verifier_cert(world->verifier, &presented[0], leaf->der, leaf->der_len),
                     TC_OK);
    if (inter != NULL) {
        assert_int_equal(
            tc_verifier_cert(world->verifier, &presented[1], inter->der, inter->der_len), TC_OK);
    }
    assert_int_equal(tc_verifier_chain(world->verifier, &chain, presented, num), TC_OK);
    tc_writer_put(world->writer, fixture_observation(target->target_id, address, chain));
    for (size_t i = 0; i < num; i++) {
        tc_cert_release(presented[i]);
    }
    fixture_target_free(target);
}

static enum tc_status judge(void *context, const struct tc_repair *repair, struct tc_chain **out)
{
    struct tc_verifier *verifier = context;
    return tc_verifier_chain(verifier, out, repair->presented.certs, repair->presented.num_certs);
}

static enum tc_status judge_nothing(void *context, const struct tc_repair *repair,
                                    struct tc_chain **out)
{
    size_t *calls = context;
    (void)repair;
    (void)out;
    ++*calls;
    return TC_OK;
}

static enum tc_status judge_fails(void *context, const struct tc_repair *repair,
                                  struct tc_chain **out)
{
    (void)context;
    (void)repair;
    (void)out;
    return TC_ERR_NOMEM;
}

static void test_another_endpoint_sent_it(void **state)
{
    struct world *world = *state;
    struct tc_cert_pile fleet = {0};
    uint64_t repaired = 0;
    struct tc_error error = {.text = ""};
    struct made_cert whole = made("whole.example.edu", &world->inter, false);
    struct made_cert half = made("half.example.edu", &world->inter, false);
    struct made_cert stray = made("stray.example.edu", &world->stray_root, false);
    observe(world, "half.example.edu", &half, NULL, "192.0.2.1"); /* before it is known */
    observe(world, "half.example.edu", &half, NULL, "192.0.2.2");
    observe(world, "stray.example.edu", &stray, NULL, "192.0.2.3");
    observe(world, "whole.example.edu", &whole, &world->inter, "192.0.2.4");
    assert_int_equal(tc_writer_stop(world->writer, NULL, NULL), TC_OK);
    assert_int_equal(fixture_int(world->path, "SELECT count(*) FROM observation WHERE trust_detail "
                                              "= 'unknown-issuer' AND verified_depth IS NULL"),
                     3);

    assert_int_equal(tc_store_fleet_cas(world->store, &fleet, &error), TC_OK);
    assert_int_equal(fleet.num_certs, 1);
    for (size_t i = 0; i < fleet.num_certs; i++) {
        assert_int_equal(tc_verifier_add_fleet(world->verifier, fleet.certs[i]), TC_OK);
    }
    assert_int_equal(tc_store_each_broken_chain(world->store, world->scan_id, judge,
                                                world->verifier, &repaired, &error),
                     TC_OK);
    tc_cert_pile_cleanup(&fleet);
    assert_string_equal(
        fixture_text(world->path,
                     "SELECT group_concat(printf('%s %s %s %s %s', address, chain_status, "
                     "trust_detail, coalesce(verified_depth, '-'), coalesce(anchor_cn, '-')), "
                     "'; ') FROM (SELECT * FROM v_endpoint_history ORDER BY address)"),
        "192.0.2.1 incomplete incomplete-chain 3 Root; 192.0.2.2 incomplete incomplete-chain 3 "
        "Root; "
        "192.0.2.3 no-path unknown-issuer - -; 192.0.2.4 complete  3 Root");
    assert_int_equal(fixture_int(world->path, "SELECT built_from & 4 FROM observation"), 4);
    assert_string_equal(fixture_text(world->path, "PRAGMA foreign_key_check"), "");
    made_cert_cleanup(&whole);
    made_cert_cleanup(&half);
    made_cert_cleanup(&stray);
}

/* A server that forgot the intermediate of its second certificate only. */
static void test_another_chain_is_judged_too(void **state)
{
    struct world *world = *state;
    struct tc_cert_pile fleet = {0};
    uint64_t repaired = 0;
    struct tc_error error = {.text = ""};
    struct tc_cert *presented[2] = {NULL, NULL};
    struct tc_chain *chains[2] = {NULL, NULL};
    struct made_cert whole = made("whole.example.edu", &world->inter, false);
    struct made_cert half = made("half.example.edu", &world->inter, false);
    struct tc_target *target = fixture_target("whole.example.edu", 1, NULL, NULL);
    const struct made_cert *const ders[] = {&whole, &world->inter, &half};
    struct tc_cert *certs[3] = {NULL, NULL, NULL};
    for (size_t i = 0; i < TC_ARRAY_LEN(ders); i++) {
        assert_int_equal(
            tc_verifier_cert(world->verifier, &certs[i], ders[i]->der, ders[i]->der_len), TC_OK);
    }
    presented[0] = certs[0];
    presented[1] = certs[1];
    assert_int_equal(tc_verifier_chain(world->verifier, &chains[0], presented, 2), TC_OK);
    presented[0] = certs[2];
    assert_int_equal(tc_verifier_chain(world->verifier, &chains[1], presented, 1), TC_OK);
    (void)fixture_register(world->writer, target);
    struct tc_observation *observation =
        fixture_observation(target->target_id, "192.0.2.1", chains[0]);
    observation->other_chains = calloc(1, sizeof *observation->other_chains);
    observation->num_other_chains = 1;
    observation->other_chains[0] = (struct tc_other_chain){TC_CHAIN_OTHER_KEY, chains[1], TC_YES};
    tc_writer_put(world->writer, observation);
    fixture_target_free(target);
    assert_int_equal(tc_writer_stop(world->writer, NULL, NULL), TC_OK);
    assert_string_equal(fixture_text(world->path, "SELECT trust_detail FROM other_chain"),
                        "unknown-issuer");

    assert_int_equal(tc_store_fleet_cas(world->store, &fleet, &error), TC_OK);
    assert_int_equal(tc_verifier_add_fleet(world->verifier, fleet.certs[0]), TC_OK);
    assert_int_equal(tc_store_each_broken_chain(world->store, world->scan_id, judge,
                                                world->verifier, &repaired, &error),
                     TC_OK);
    tc_cert_pile_cleanup(&fleet);
    assert_int_equal(repaired, 0); /* none of an observation's own */
    assert_string_equal(
        fixture_text(world->path,
                     "SELECT printf('%s %s %d %d %d', chain_status, trust_detail, "
                     "trusted, verified_depth, chain_not_after_s = (SELECT not_after_s "
                     "FROM certificate WHERE certificate_id = leaf_id)) FROM "
                     "other_chain"),
        "incomplete incomplete-chain 0 3 1");
    assert_string_equal(fixture_text(world->path, "SELECT chain_status FROM observation"),
                        "complete");
    assert_string_equal(fixture_text(world->path, "PRAGMA foreign_key_check"), "");
    for (size_t i = 0; i < TC_ARRAY_LEN(certs); i++) {
        tc_cert_release(certs[i]);
    }
    made_cert_cleanup(&whole);
    made_cert_cleanup(&half);
}

static void test_nothing_is_left_alone(void **state)
{
    struct world *world = *state;
    size_t calls = 0;
    uint64_t repaired = 7;
    struct tc_error error = {.text = ""};
    struct made_cert half = made("half.example.edu", &world->inter, false);
    struct made_cert whole = made("whole.example.edu", &world->inter, false);
    observe(world, "half.example.edu", &half, NULL, "192.0.2.1");
    observe(world, "half.example.edu", &half, NULL, "192.0.2.2");
    observe(world, "whole.example.edu", &whole, &world->inter, "192.0.2.4");
    assert_int_equal(tc_writer_stop(world->writer, NULL, NULL), TC_OK);
    assert_int_equal(tc_store_each_broken_chain(world->store, world->scan_id, judge_nothing, &calls,
                                                &repaired, &error),
                     TC_OK);
    assert_int_equal(calls, 1); /* once for a distinct chain */
    assert_int_equal(repaired, 0);
    assert_int_equal(tc_store_each_broken_chain(world->store, world->scan_id, judge_fails, NULL,
                                                &repaired, &error),
                     TC_ERR_NOMEM);
    assert_non_null(strstr(error.text, "out of memory"));
    assert_int_equal(tc_store_each_broken_chain(world->store, 99, judge, NULL, &repaired, &error),
                     TC_ERR_NOT_FOUND);
    made_cert_cleanup(&half);
    made_cert_cleanup(&whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_another_endpoint_sent_it, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_chain_is_judged_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_is_left_alone, setup, teardown),
    };
    return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
