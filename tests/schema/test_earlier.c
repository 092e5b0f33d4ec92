/* What earlier scans found of an endpoint, as a scan reads it that is to confirm it. */
#include "test_support.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"

#define ADDRESS "192.0.2.1"
#define OTHER   "192.0.2.2"

/* One scan of one endpoint, oldest first. Its TLS 1.3 suite tells which it was. */
struct scan {
    const char *profile; /* NULL: no more */
    const char *host;
    const char *address;
    uint32_t suite; /* 0: the endpoint was not surveyed */
    enum tc_tristate survey_complete;
};

static struct earlier_case {
    const char *name;
    struct scan scans[4];
    enum tc_profile profile; /* that is asked for */
    uint32_t suite;          /* of what it gets; 0: nothing */
} earlier_cases[] = {
    {"the only one",
     {{"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES}},
     TC_PROFILE_STANDARD,
     0x1301},
    {"the newest of three",
     {{"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES},
      {"standard", "a.example.edu", ADDRESS, 0x1302, TC_YES},
      {"standard", "a.example.edu", ADDRESS, 0x1303, TC_YES}},
     TC_PROFILE_STANDARD,
     0x1303},
    {"a deep one has all that standard asks",
     {{"deep", "a.example.edu", ADDRESS, 0x1301, TC_YES}},
     TC_PROFILE_STANDARD,
     0x1301},
    {"the newest that is deep enough",
     {{"deep", "a.example.edu", ADDRESS, 0x1301, TC_YES},
      {"standard", "a.example.edu", ADDRESS, 0x1302, TC_YES}},
     TC_PROFILE_DEEP,
     0x1301},
    {"the newest that was not cut short",
     {{"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES},
      {"standard", "a.example.edu", ADDRESS, 0x1302, TC_NO},
      {"standard", "a.example.edu", ADDRESS, 0x1303, TC_UNKNOWN}},
     TC_PROFILE_STANDARD,
     0x1301},
    {"the newest in which there was a survey",
     {{"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES},
      {"quick", "a.example.edu", ADDRESS, 0, TC_UNKNOWN}},
     TC_PROFILE_STANDARD,
     0x1301},
    {"none is deep enough",
     {{"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES}},
     TC_PROFILE_DEEP,
     0},
    {"none had a survey",
     {{"quick", "a.example.edu", ADDRESS, 0, TC_UNKNOWN}},
     TC_PROFILE_STANDARD,
     0},
    {"all were cut short",
     {{"standard", "a.example.edu", ADDRESS, 0x1301, TC_NO}},
     TC_PROFILE_STANDARD,
     0},
    {"another address of the name",
     {{"standard", "a.example.edu", OTHER, 0x1301, TC_YES}},
     TC_PROFILE_STANDARD,
     0},
    {"another name at the address",
     {{"standard", "b.example.edu", ADDRESS, 0x1301, TC_YES}},
     TC_PROFILE_STANDARD,
     0},
    {"no earlier scan", {{NULL, NULL, NULL, 0, TC_UNKNOWN}}, TC_PROFILE_STANDARD, 0},
};

static char k_reason[] = "why it was so";

static void put(struct tc_features *features, struct tc_feature feature)
{
    assert_int_equal(tc_features_put(features, &feature), TC_OK);
}

static void put_survey(struct tc_features *features, const struct scan *scan)
{
    put(features, (struct tc_feature){.kind = TC_FEATURE_CIPHER,
                                      .version = 0x0304,
                                      .code = scan->suite,
                                      .supported = TC_YES,
                                      .rank = 7,
                                      .value = TC_FEATURE_NO_VALUE});
    put(features, (struct tc_feature){.kind = TC_FEATURE_VERSION,
                                      .code = 0x0301,
                                      .supported = TC_NO,
                                      .value = TC_FEATURE_NO_VALUE});
    put(features, (struct tc_feature){.kind = TC_FEATURE_TRAIT,
                                      .code = TC_TRAIT_SESSION_TICKET,
                                      .supported = TC_YES,
                                      .value = 7200});
    put(features, (struct tc_feature){.kind = TC_FEATURE_TRAIT,
                                      .code = TC_TRAIT_EARLY_DATA,
                                      .supported = TC_UNKNOWN,
                                      .value = 0,
                                      .text = k_reason});
    put(features, (struct tc_feature){.kind = TC_FEATURE_TRAIT,
                                      .code = TC_TRAIT_SURVEY_COMPLETE,
                                      .supported = scan->survey_complete,
                                      .value = TC_FEATURE_NO_VALUE});
}

static int64_t register_host(struct tc_writer *writer, const char *host)
{
    struct tc_target *target = fixture_target(host, 1, NULL, NULL);
    assert_int_equal(fixture_register(writer, target), TC_REGISTERED);
    int64_t target_id = target->target_id;
    fixture_target_free(target);
    return target_id;
}

static void store_scan(const char *path, const struct scan *scan)
{
    struct tc_writer *writer = NULL;
    int64_t scan_id = 0;
    char sql[96];
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    struct tc_observation *observation =
        fixture_observation(register_host(writer, scan->host), scan->address, NULL);
    if (scan->suite != 0) {
        put_survey(&observation->features, scan);
    }
    tc_writer_put(writer, observation);
    assert_int_equal(tc_writer_stop(writer, NULL, NULL), TC_OK);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
    (void)snprintf(sql, sizeof sql, "UPDATE scan SET profile = '%s' WHERE scan_id = %d",
                   scan->profile, (int)scan_id);
    fixture_exec(path, sql);
}

static void check_survey(const struct tc_features *features, uint32_t suite)
{
    assert_int_equal(features->num_items, 5);
    const struct tc_feature *cipher = tc_features_find(features, TC_FEATURE_CIPHER, 0x0304, suite);
    assert_non_null(cipher);
    assert_int_equal(cipher->supported, TC_YES);
    assert_int_equal(cipher->rank, 7);
    assert_int_equal(cipher->value, TC_FEATURE_NO_VALUE);
    assert_null(cipher->text);
    assert_int_equal(tc_features_get(features, TC_FEATURE_VERSION, 0, 0x0301), TC_NO);
    const struct tc_feature *ticket =
        tc_features_find(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SESSION_TICKET);
    assert_int_equal(ticket->value, 7200);
    assert_int_equal(ticket->rank, 0);
    const struct tc_feature *open =
        tc_features_find(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_EARLY_DATA);
    assert_int_equal(open->supported, TC_UNKNOWN);
    assert_int_equal(open->value, 0);
    assert_string_equal(open->text, k_reason);
}

/* While a writer is at work on the same file, and has an observation of its own already. */
static void check_earlier(void **state)
{
    const struct earlier_case *row = *state;
    static const struct scan own = {"standard", "a.example.edu", ADDRESS, 0x1305, TC_YES};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct tc_earlier *earlier = NULL;
    struct tc_writer *writer = NULL;
    struct tc_features features = {0};
    struct tc_error error = {""};
    int64_t scan_id = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(row->scans) && row->scans[i].profile != NULL; i++) {
        store_scan(path, &row->scans[i]);
    }
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_earlier_open(&earlier, path, scan_id, &error), TC_OK);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    int64_t target_id = register_host(writer, own.host);
    struct tc_observation *observation = fixture_observation(target_id, own.address, NULL);
    put_survey(&observation->features, &own);
    tc_writer_put(writer, observation);
    assert_int_equal(tc_writer_stop(writer, NULL, NULL),
                     TC_OK); /* so that it is there to be seen */
    for (int turn = 0; turn < 2; turn++) {
        enum tc_status status =
            tc_earlier_features(earlier, &features, target_id, ADDRESS, row->profile, &error);
        assert_int_equal(status, row->suite != 0 ? TC_OK : TC_ERR_NOT_FOUND);
        assert_string_equal(error.text, "");
        if (row->suite != 0) {
            check_survey(&features, row->suite);
        }
        tc_features_cleanup(&features);
    }
    tc_earlier_close(earlier);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
    assert_string_equal(fixture_text(path, "PRAGMA journal_mode"), "delete"); /* nobody holds it */
    fixture_folder_free(folder);
}

static void check_no_file(void **state)
{
    struct tc_earlier *earlier = NULL;
    struct tc_error error = {""};
    char *folder = fixture_folder_new();
    (void)state;
    assert_int_equal(tc_earlier_open(&earlier, fixture_path(folder, "none.db"), 1, &error),
                     TC_ERR_NOT_FOUND);
    assert_null(earlier);
    assert_string_not_equal(error.text, "");
    fixture_folder_free(folder);
}

/* Rows of a later version, and rows that no survey wrote. */
static void check_strange_rows(void **state)
{
    static const struct scan scan = {"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES};
    struct tc_earlier *earlier = NULL;
    struct tc_features features = {0};
    struct tc_error error = {""};
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    (void)state;
    store_scan(path, &scan);
    fixture_exec(path, "INSERT INTO feature (feature_set_id, kind, code, supported) "
                       "SELECT feature_set_id, 'telepathy', 1, 1 FROM feature_set");
    fixture_exec(path, "INSERT INTO feature (feature_set_id, kind, version, code, supported, rank) "
                       "SELECT feature_set_id, 'cipher', v, c, 1, r FROM feature_set, "
                       "(SELECT 65536 AS v, 0x1302 AS c, 0 AS r UNION ALL SELECT -1, 0x1302, 0 "
                       "UNION ALL SELECT 0x0304, 4294967296, 0 UNION ALL SELECT 0x0304, -1, 0 "
                       "UNION ALL SELECT 0x0304, 0x1302, 65536)");
    int64_t target_id = fixture_int(path, "SELECT target_id FROM target");
    assert_int_equal(tc_earlier_open(&earlier, path, 99, &error), TC_OK);
    assert_int_equal(
        tc_earlier_features(earlier, &features, target_id, ADDRESS, TC_PROFILE_STANDARD, &error),
        TC_OK);
    check_survey(&features, 0x1301);
    tc_features_cleanup(&features);
    fixture_exec(path, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 5000) "
                       "INSERT INTO feature (feature_set_id, kind, version, code, supported) "
                       "SELECT feature_set_id, 'cipher', i, 1, 1 FROM feature_set, n");
    assert_int_equal(
        tc_earlier_features(earlier, &features, target_id, ADDRESS, TC_PROFILE_STANDARD, &error),
        TC_ERR_LIMIT);
    assert_int_equal(features.num_items, 0);
    assert_string_not_equal(error.text, "");
    tc_earlier_close(earlier);
    fixture_folder_free(folder);
}

/* A target's own profile is how deep its survey was, not the scan's. */
static void check_own_profile(void **state)
{
    static const struct scan scan = {"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES};
    static const struct {
        const char *sql;
        enum tc_profile profile;
        enum tc_status status;
    } k_turns[] = {
        {"UPDATE scan_target SET profile = 'deep'", TC_PROFILE_DEEP, TC_OK},
        {"UPDATE scan SET profile = 'deep'; UPDATE scan_target SET profile = 'standard'",
         TC_PROFILE_DEEP, TC_ERR_NOT_FOUND},
        {"UPDATE scan SET profile = 'quick'", TC_PROFILE_STANDARD, TC_OK},
        {"UPDATE scan_target SET profile = NULL", TC_PROFILE_STANDARD, TC_ERR_NOT_FOUND},
    };
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    (void)state;
    store_scan(path, &scan);
    int64_t target_id = fixture_int(path, "SELECT target_id FROM target");
    for (size_t i = 0; i < TC_ARRAY_LEN(k_turns); i++) {
        struct tc_earlier *earlier = NULL;
        struct tc_features features = {0};
        fixture_exec(path, k_turns[i].sql);
        assert_int_equal(tc_earlier_open(&earlier, path, 99, NULL), TC_OK);
        assert_int_equal(
            tc_earlier_features(earlier, &features, target_id, ADDRESS, k_turns[i].profile, NULL),
            k_turns[i].status);
        tc_features_cleanup(&features);
        tc_earlier_close(earlier);
    }
    fixture_folder_free(folder);
}

/* Workers ask side by side. */
#define NUM_THREADS 4
#define NUM_READS   100
struct reader {
    struct tc_earlier *earlier;
    int64_t target_id;
    unsigned good;
};

static void *read_often(void *argument)
{
    struct reader *reader = argument;
    for (int i = 0; i < NUM_READS; i++) {
        struct tc_features features = {0};
        enum tc_status status = tc_earlier_features(reader->earlier, &features, reader->target_id,
                                                    ADDRESS, TC_PROFILE_STANDARD, NULL);
        reader->good += status == TC_OK && features.num_items == 5 ? 1 : 0;
        tc_features_cleanup(&features);
    }
    return NULL;
}

static void check_threads(void **state)
{
    static const struct scan scan = {"standard", "a.example.edu", ADDRESS, 0x1301, TC_YES};
    struct tc_earlier *earlier = NULL;
    struct tc_writer *writer = NULL;
    struct reader readers[NUM_THREADS] = {{0}};
    pthread_t threads[NUM_THREADS];
    int64_t scan_id = 0;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    (void)state;
    store_scan(path, &scan);
    int64_t target_id = fixture_int(path, "SELECT target_id FROM target");
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_earlier_open(&earlier, path, scan_id, NULL), TC_OK);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    for (size_t i = 0; i < NUM_THREADS; i++) {
        readers[i] = (struct reader){.earlier = earlier, .target_id = target_id};
        assert_int_equal(pthread_create(&threads[i], NULL, read_often, &readers[i]), 0);
    }
    for (int i = 0; i < NUM_READS; i++) { /* and the writer writes */
        char host[32];
        (void)snprintf(host, sizeof host, "h%d.example.edu", i);
        tc_writer_put(writer, fixture_observation(register_host(writer, host), ADDRESS, NULL));
    }
    for (size_t i = 0; i < NUM_THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(readers[i].good, NUM_READS);
    }
    assert_int_equal(tc_writer_stop(writer, NULL, NULL), TC_OK);
    tc_earlier_close(earlier);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
    fixture_folder_free(folder);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(earlier_cases) + 4] = {
        {.name = "no file", .test_func = check_no_file},
        {.name = "rows that no survey wrote", .test_func = check_strange_rows},
        {.name = "a target's own profile", .test_func = check_own_profile},
        {.name = "many at once, while the writer writes", .test_func = check_threads},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(earlier_cases); i++) {
        tests[4 + i] = (struct CMUnitTest){.name = earlier_cases[i].name,
                                           .test_func = check_earlier,
                                           .initial_state = &earlier_cases[i]};
    }
    return cmocka_run_group_tests_name("earlier", tests, NULL, NULL);
}
