/* What the survey found, as the writer keeps it: feature sets once, other chains, leftovers. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"

struct bench {
    char *folder;
    const char *path;
    struct tc_store *store;
    struct tc_writer *writer;
    int64_t scan_id;
};

/* Texts of features, which are not const there. */
static char k_silent[] = "it did not answer any more";
static char k_silen[] = "it did not answer any mor";
static char k_empty[] = "";

static int setup(void **state)
{
    struct bench *bench = calloc(1, sizeof *bench);
    bench->folder = fixture_folder_new();
    bench->path = strdup(fixture_path(bench->folder, "census.db"));
    bench->store = fixture_scan_begin(bench->path, &bench->scan_id);
    assert_int_equal(tc_writer_start(&bench->writer, bench->store, bench->scan_id, false, NULL),
                     TC_OK);
    *state = bench;
    return 0;
}

static void finish(struct bench *bench, enum tc_scan_state scan_state)
{
    struct tc_error error = {.text = ""};
    if (tc_writer_stop(bench->writer, NULL, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    bench->writer = NULL;
    fixture_scan_end(bench->store, bench->scan_id, scan_state);
    bench->store = NULL;
    assert_string_equal(fixture_text(bench->path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(fixture_text(bench->path, "PRAGMA foreign_key_check"), "");
}

static int teardown(void **state)
{
    struct bench *bench = *state;
    if (bench->writer != NULL) {
        (void)!tc_writer_stop(bench->writer, NULL, NULL);
    }
    tc_store_close(bench->store);
    fixture_folder_free(bench->folder);
    free((void *)(uintptr_t)bench->path);
    free(bench);
    return 0;
}

static int64_t add(struct bench *bench, const char *host)
{
    struct tc_target *target = fixture_target(host, 1, NULL, NULL);
    (void)fixture_register(bench->writer, target);
    int64_t target_id = target->target_id;
    fixture_target_free(target);
    return target_id;
}

static void put_feature(struct tc_observation *observation, struct tc_feature feature)
{
    assert_int_equal(tc_features_put(&observation->features, &feature), TC_OK);
}

/* A small survey; `change` makes it another one. */
static struct tc_observation *surveyed(int64_t target_id, const char *address,
                                       const struct tc_feature *change)
{
    struct tc_observation *observation = fixture_observation(target_id, address, NULL);
    put_feature(observation, (struct tc_feature){.kind = TC_FEATURE_VERSION,
                                                 .code = 0x0304,
                                                 .supported = TC_YES,
                                                 .value = TC_FEATURE_NO_VALUE});
    put_feature(observation, (struct tc_feature){.kind = TC_FEATURE_VERSION,
                                                 .code = 0x0301,
                                                 .supported = TC_NO,
                                                 .value = TC_FEATURE_NO_VALUE});
    put_feature(observation, (struct tc_feature){.kind = TC_FEATURE_CIPHER,
                                                 .version = 0x0304,
                                                 .code = 0x1301,
                                                 .rank = 1,
                                                 .supported = TC_YES,
                                                 .value = TC_FEATURE_NO_VALUE});
    put_feature(observation, (struct tc_feature){.kind = TC_FEATURE_TRAIT,
                                                 .code = TC_TRAIT_SESSION_TICKET,
                                                 .supported = TC_YES,
                                                 .value = 7200});
    put_feature(observation, (struct tc_feature){.kind = TC_FEATURE_TRAIT,
                                                 .code = TC_TRAIT_SURVEY_COMPLETE,
                                                 .supported = TC_UNKNOWN,
                                                 .value = TC_FEATURE_NO_VALUE,
                                                 .text = k_silent});
    if (change != NULL) {
        put_feature(observation, *change);
    }
    return observation;
}

static void test_features_arrive(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    tc_writer_put(bench->writer, surveyed(add(bench, "a.example.edu"), "192.0.2.1", NULL));
    finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(path,
                     "SELECT group_concat(printf('%s %d %d %s %s %s %s', kind, version, code, "
                     "coalesce(supported, '?'), coalesce(rank, '-'), coalesce(value, '-'), "
                     "coalesce(text, '-')), '; ') FROM feature"),
        "cipher 772 4865 1 1 - -; trait 0 5 1 - 7200 -; trait 0 45 ? - - it did not answer any "
        "more; version 0 769 0 - - -; version 0 772 1 - - -");
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(printf('%s:%d %s %s %s %s %s', host, port, kind, "
                           "coalesce(version, '-'), name, supported, coalesce(quality, '-')), "
                           "'; ') FROM v_feature"),
        "a.example.edu:443 version - TLSv1.0 no -; a.example.edu:443 version - TLSv1.3 yes -; "
        "a.example.edu:443 cipher TLSv1.3 TLS_AES_128_GCM_SHA256 yes recommended; "
        "a.example.edu:443 trait - session_ticket yes -; "
        "a.example.edu:443 trait - survey_complete not measured -");
}

static void test_like_servers_share_a_set(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    const struct tc_feature other = {
        .kind = TC_FEATURE_VERSION, .code = 0x0303, .supported = TC_NO, .value = -1};
    for (int i = 0; i < 30; i++) {
        char host[64];
        snprintf(host, sizeof host, "h%d.example.edu", i);
        int64_t id = add(bench, host);
        tc_writer_put(bench->writer, surveyed(id, "192.0.2.1", NULL));
        tc_writer_put(bench->writer, surveyed(id, "192.0.2.2", &other));
        tc_writer_put(bench->writer, fixture_observation(id, "192.0.2.3", NULL)); /* not asked */
    }
    finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM feature_set"), 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM feature"), 5 + 6);
    assert_int_equal(
        fixture_int(path, "SELECT count(*) FROM observation WHERE feature_set_id IS NULL"), 30);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan_feature_set"), 2);

    bench->store = fixture_scan_begin(path, &bench->scan_id); /* a later scan finds it again */
    assert_int_equal(tc_writer_start(&bench->writer, bench->store, bench->scan_id, false, NULL),
                     TC_OK);
    tc_writer_put(bench->writer, surveyed(add(bench, "h0.example.edu"), "192.0.2.1", NULL));
    finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM feature_set"), 2);
}

/* Each differs from the small survey in one place: two sets. */
static const struct distinct_case {
    const char *name;
    struct tc_feature change;
} k_distinct_cases[] = {
    {"sets: another answer",
     {.kind = TC_FEATURE_VERSION, .code = 0x0301, .supported = TC_YES, .value = -1}},
    {"sets: unknown is not no",
     {.kind = TC_FEATURE_VERSION, .code = 0x0301, .supported = TC_UNKNOWN, .value = -1}},
    {"sets: another rank",
     {.kind = TC_FEATURE_CIPHER,
      .version = 0x0304,
      .code = 0x1301,
      .rank = 2,
      .supported = TC_YES,
      .value = -1}},
    {"sets: another value",
     {.kind = TC_FEATURE_TRAIT,
      .code = TC_TRAIT_SESSION_TICKET,
      .supported = TC_YES,
      .value = 7201}},
    {"sets: no value",
     {.kind = TC_FEATURE_TRAIT, .code = TC_TRAIT_SESSION_TICKET, .supported = TC_YES, .value = -1}},
    {"sets: another text",
     {.kind = TC_FEATURE_TRAIT,
      .code = TC_TRAIT_SURVEY_COMPLETE,
      .supported = TC_UNKNOWN,
      .value = -1,
      .text = k_silen}},
    {"sets: an empty text is a text",
     {.kind = TC_FEATURE_TRAIT,
      .code = TC_TRAIT_SESSION_TICKET,
      .supported = TC_YES,
      .value = 7200,
      .text = k_empty}},
    {"sets: one more",
     {.kind = TC_FEATURE_GROUP, .version = 0x0304, .code = 29, .supported = TC_YES, .value = -1}},
    {"sets: the same suite in another version",
     {.kind = TC_FEATURE_CIPHER,
      .version = 0x0303,
      .code = 0x1301,
      .rank = 1,
      .supported = TC_YES,
      .value = -1}},
};

static void check_distinct(void **state)
{
    const struct distinct_case *row = *state;
    void *fresh = NULL;
    setup(&fresh);
    struct bench *bench = fresh;
    int64_t id = add(bench, "a.example.edu");
    tc_writer_put(bench->writer, surveyed(id, "192.0.2.1", NULL));
    tc_writer_put(bench->writer, surveyed(id, "192.0.2.2", &row->change));
    finish(bench, TC_SCAN_DONE);
    int64_t num_sets = fixture_int(bench->path, "SELECT count(*) FROM feature_set");
    teardown(&fresh);
    assert_int_equal(num_sets, 2);
}

static void test_lists_of_an_endpoint(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    struct tc_observation *observation = surveyed(add(bench, "a.example.edu"), "192.0.2.1", NULL);
    static const struct tc_feature more[] = {
        {.kind = TC_FEATURE_VERSION, .code = 0x0303, .supported = TC_YES, .value = -1},
        {.kind = TC_FEATURE_VERSION, .code = 0x0300, .supported = TC_UNKNOWN, .value = -1},
        {.kind = TC_FEATURE_VERSION, .code = 0x0002, .supported = TC_UNKNOWN, .value = -1},
        {.kind = TC_FEATURE_CIPHER, .version = 0x0303, .code = 0xc02f, .rank = 2, .supported = 1},
        {.kind = TC_FEATURE_CIPHER, .version = 0x0303, .code = 0xc030, .rank = 1, .supported = 1},
        {.kind = TC_FEATURE_CIPHER, .version = 0x0303, .code = 0x0035, .supported = 1},
        {.kind = TC_FEATURE_CIPHER, .version = 0x0302, .code = 0x0035, .supported = 1},
        {.kind = TC_FEATURE_CIPHER, .version = 0x0303, .code = 0x0005, .supported = TC_NO},
        {.kind = TC_FEATURE_CIPHER, .version = 0x0303, .code = 0xfefd, .supported = 1},
        {.kind = TC_FEATURE_GROUP, .version = 0x0304, .code = 0x11ec, .supported = 1},
        {.kind = TC_FEATURE_GROUP, .version = 0x0304, .code = 29, .supported = 1},
        {.kind = TC_FEATURE_GROUP, .version = 0x0303, .code = 29, .supported = 1},
        {.kind = TC_FEATURE_TRAIT, .code = TC_TRAIT_POST_QUANTUM, .supported = 1, .value = -1},
        {.kind = TC_FEATURE_TRAIT, .code = TC_TRAIT_SURVEY_COMPLETE, .supported = 0, .value = -1},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(more); i++) {
        put_feature(observation, more[i]);
    }
    observation->starttls_leftover_bytes = 17;
    tc_writer_put(bench->writer, observation);
    finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(path, "SELECT printf('%s | %s | %s | %s | %d %d %d', versions_supported, "
                           "versions_unknown, suites_supported, groups_supported, survey_complete, "
                           "post_quantum, starttls_leftover_bytes) FROM v_endpoint"),
        "TLSv1.2 TLSv1.3 | SSLv2 SSLv3 | TLS_AES_128_GCM_SHA256 "
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 "
        "TLS_RSA_WITH_AES_256_CBC_SHA 0xFEFD | x25519 X25519MLKEM768 | 0 1 17");
}

static const struct pq_case {
    const char *name;
    uint16_t kx_group;
    enum tc_tristate trait;
    bool is_asked;
    int64_t post_quantum; /* -1: NULL */
} k_pq_cases[] = {
    {"post-quantum: nobody asked", 29, TC_UNKNOWN, false, -1},
    {"post-quantum: the handshake met it", 0x11ec, TC_UNKNOWN, false, 1},
    {"post-quantum: the handshake met it, whatever the survey says", 0x11ec, TC_NO, true, 1},
    {"post-quantum: not with what was agreed on", 29, TC_NO, true, 0},
    {"post-quantum: asked and accepted", 29, TC_YES, true, 1},
    {"post-quantum: asked and not answered", 29, TC_UNKNOWN, true, -1},
    {"post-quantum: no key exchange was seen", 0, TC_UNKNOWN, false, -1},
};

static void check_pq(void **state)
{
    const struct pq_case *row = *state;
    void *fresh = NULL;
    setup(&fresh);
    struct bench *bench = fresh;
    struct tc_observation *observation =
        fixture_observation(add(bench, "a.example.edu"), "192.0.2.1", NULL);
    observation->kx_group = row->kx_group;
    if (row->is_asked) {
        put_feature(observation, (struct tc_feature){.kind = TC_FEATURE_TRAIT,
                                                     .code = TC_TRAIT_POST_QUANTUM,
                                                     .supported = row->trait,
                                                     .value = -1});
    }
    tc_writer_put(bench->writer, observation);
    finish(bench, TC_SCAN_DONE);
    int64_t post_quantum = fixture_int(bench->path, "SELECT post_quantum FROM v_endpoint");
    teardown(&fresh);
    assert_int_equal(post_quantum, row->post_quantum);
}

/* ---- other chains ---- */

static struct tc_chain *chain_of(const char *host, bool trusted)
{
    struct tc_cert *presented[] = {fixture_cert(host, "R10", false),
                                   fixture_cert("R10", "Root X1", true)};
    struct tc_cert *root = fixture_cert("Root X1", "Root X1", true);
    struct tc_chain *chain = fixture_chain(presented, 2, trusted ? root : NULL);
    tc_ref_release(&root->ref);
    return chain;
}

static struct tc_observation *with_other_chains(int64_t target_id, const char *address)
{
    struct tc_observation *observation =
        fixture_observation(target_id, address, chain_of("a.example.edu", true));
    observation->other_chains = calloc(2, sizeof *observation->other_chains);
    observation->num_other_chains = 2;
    observation->other_chains[0] =
        (struct tc_other_chain){TC_CHAIN_OTHER_KEY, chain_of("rsa.example.edu", true), TC_YES};
    observation->other_chains[1] =
        (struct tc_other_chain){TC_CHAIN_NO_SNI, chain_of("default.example.edu", false), TC_NO};
    return observation;
}

static void test_other_chains_arrive(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    tc_writer_put(bench->writer, with_other_chains(add(bench, "a.example.edu"), "192.0.2.1"));
    finish(bench, TC_SCAN_DONE);
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(printf('%s %s %d %s %s %d %s %s %d', role, "
                           "subject_cn, presented_depth, coalesce(verified_depth, '-'), "
                           "chain_status, trusted, coalesce(trust_detail, '-'), "
                           "coalesce(trust_text, '-'), name_match), '; ') FROM other_chain JOIN "
                           "certificate ON certificate_id = leaf_id"),
        "no-sni default.example.edu 2 - no-path 0 unknown-issuer no issuer is known 0; "
        "other-key rsa.example.edu 2 3 complete 1 - - 1");
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM other_chain WHERE chain_not_after_s = "
                                       "(SELECT not_after_s FROM certificate LIMIT 1)"),
                     2);
    /* Whoever lists what the scan met lists these too, each once. */
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(subject_cn, ' ') FROM (SELECT subject_cn FROM "
                           "v_certificate WHERE first_seen_utc NOT NULL ORDER BY subject_cn)"),
        "R10 Root X1 a.example.edu default.example.edu rsa.example.edu");
    assert_int_equal(fixture_int(path, "SELECT sum(endpoints) FROM v_certificate"), 5);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM v_issuer"), 1);
}

static void test_two_of_one_role(void **state)
{
    struct bench *bench = *state;
    struct tc_observation *observation =
        with_other_chains(add(bench, "a.example.edu"), "192.0.2.1");
    observation->other_chains[0].role = TC_CHAIN_NO_SNI;
    tc_writer_put(bench->writer, observation);
    const char *path = bench->path;
    finish(bench, TC_SCAN_DONE);
    assert_string_equal(fixture_text(path, "SELECT group_concat(role || ' ' || subject_cn) FROM "
                                           "other_chain JOIN certificate ON certificate_id = "
                                           "leaf_id"),
                        "no-sni rsa.example.edu");
}

/* The row of an interrupted endpoint goes with all that hangs on it, and is done anew. */
static void test_resume_replaces_what_was_interrupted(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    char *options = NULL;
    int64_t started_s = 0;
    int64_t id = add(bench, "a.example.edu");
    struct tc_observation *torn = with_other_chains(id, "192.0.2.1");
    torn->outcome = TC_OUTCOME_INTERRUPTED;
    torn->stage = TC_STAGE_TLS;
    tc_writer_put(bench->writer, torn);
    tc_writer_put(bench->writer, with_other_chains(add(bench, "b.example.edu"), "192.0.2.2"));
    finish(bench, TC_SCAN_INTERRUPTED);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM other_chain"), 4);

    assert_int_equal(tc_store_open(&bench->store, path, TC_STORE_WRITE, NULL), TC_OK);
    assert_int_equal(
        tc_store_resume_scan(bench->store, &bench->scan_id, &started_s, &options, NULL), TC_OK);
    free(options);
    assert_int_equal(tc_writer_start(&bench->writer, bench->store, bench->scan_id, true, NULL),
                     TC_OK);
    assert_int_equal(add(bench, "a.example.edu"), id);
    add(bench, "b.example.edu");
    tc_writer_put(bench->writer, surveyed(id, "192.0.2.1", NULL));
    finish(bench, TC_SCAN_DONE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM other_chain"), 2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation AS o JOIN other_chain AS "
                                       "x USING (observation_id) WHERE o.feature_set_id IS NULL"),
                     2);
}

static void test_deleting_a_scan_takes_them_along(void **state)
{
    struct bench *bench = *state;
    const char *path = bench->path;
    tc_writer_put(bench->writer, with_other_chains(add(bench, "a.example.edu"), "192.0.2.1"));
    finish(bench, TC_SCAN_DONE);
    fixture_exec(path, "PRAGMA foreign_keys = ON; DELETE FROM scan");
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM other_chain"), 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest others[] = {
        TEST(test_features_arrive),
        TEST(test_like_servers_share_a_set),
        TEST(test_lists_of_an_endpoint),
        TEST(test_other_chains_arrive),
        TEST(test_two_of_one_role),
        TEST(test_resume_replaces_what_was_interrupted),
        TEST(test_deleting_a_scan_takes_them_along),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(k_distinct_cases) + TC_ARRAY_LEN(k_pq_cases) +
                            TC_ARRAY_LEN(others)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_distinct_cases); i++) {
        tests[num++] =
            (struct CMUnitTest){.name = k_distinct_cases[i].name,
                                .test_func = check_distinct,
                                .initial_state = (void *)(uintptr_t)&k_distinct_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_pq_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = k_pq_cases[i].name,
                                           .test_func = check_pq,
                                           .initial_state = (void *)(uintptr_t)&k_pq_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(others); i++) {
        tests[num++] = others[i];
    }
    return cmocka_run_group_tests_name("survey", tests, NULL, NULL);
}
