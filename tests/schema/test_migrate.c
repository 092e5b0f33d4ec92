/* Files of earlier steps: step1.sql is a database as it was left then; one of step 2 is made of the
 * migrations. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store_fixture.h"

#define DUMP_MAX (1 << 20)

/* A folder with census.db of step 1 in it; NULL where the sources are not at hand. */
static char *step1_new(void)
{
    char path[1024];
    const char *source = getenv("TLSCENSUS_SOURCE");
    if (source == NULL) {
        return NULL; /* run by hand, without ctest */
    }
    snprintf(path, sizeof path, "%s/tests/schema/step1.sql", source);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *sql = calloc(1, DUMP_MAX);
    assert_true(fread(sql, 1, DUMP_MAX - 1, file) > 0);
    fclose(file);
    char *folder = fixture_folder_new();
    fixture_exec(fixture_path(folder, "census.db"), sql);
    free(sql);
    return folder;
}

static void exec_source(const char *path, const char *name)
{
    char source[1024];
    snprintf(source, sizeof source, "%s/schema/%s", getenv("TLSCENSUS_SOURCE"), name);
    FILE *file = fopen(source, "r");
    assert_non_null(file);
    char *sql = calloc(1, DUMP_MAX);
    assert_true(fread(sql, 1, DUMP_MAX - 1, file) > 0);
    fclose(file);
    fixture_exec(path, sql);
    free(sql);
}

/* The same for step 2, with a finished scan of one endpoint that was judged by one rule. */
static char *step2_new(void)
{
    if (getenv("TLSCENSUS_SOURCE") == NULL) {
        return NULL;
    }
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    exec_source(path, "migrations/001_init.sql");
    exec_source(path, "migrations/002_survey.sql");
    fixture_exec(
        path,
        "PRAGMA application_id = 1414288195; PRAGMA user_version = 2;"
        "INSERT INTO outcome VALUES (0, 'ok'), (6, 'refused');"
        "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, tool_version, "
        "options_json, trust_store) VALUES (1, 'one', 'quick', 'done', 1000, 1000, '0', '{}', '');"
        "INSERT INTO rule VALUES (1, 'cert-expired', 4, 't', 'w', 'r', 's', NULL, 0);"
        "INSERT INTO target (target_id, protocol, host, port) VALUES (1, 'https', 'a.test', 443);"
        "INSERT INTO scan_target (scan_id, target_id) VALUES (1, 1);"
        "INSERT INTO endpoint VALUES (1, 1, '192.0.2.1');"
        "INSERT INTO finding_set VALUES (1, NULL, 1);"
        "INSERT INTO finding_set_row VALUES (1, 1, 4, NULL);"
        "INSERT INTO observation (scan_id, endpoint_id, observed_s, outcome_id, grade, "
        "finding_set_id) VALUES (1, 1, 1000, 0, 'F', 1)");
    return folder;
}

static void open_and_close(const char *path, enum tc_store_mode mode)
{
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    if (tc_store_open(&store, path, mode, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    tc_store_close(store);
}

/* What was there before is kept beside it, whole and for nobody else to read; what is kept stays.
 */
static void test_a_copy_is_kept(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        char *folder = step2_new();
        if (folder == NULL) {
            skip();
        }
        const char *path = fixture_path(folder, "census.db");
        const char *copy =
            fixture_path(folder, round == 0 ? "census.db.step-2" : "census.db.step-2.1");
        const char *earlier = fixture_path(folder, "census.db.step-2");
        struct tc_store *store = NULL;
        struct tc_error error = {.text = ""};
        struct stat facts;
        if (round == 1) {
            fixture_exec(earlier, "CREATE TABLE theirs (x)");
        }
        assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
        assert_string_equal(strrchr(tc_store_kept_copy(store), '/'), strrchr(copy, '/'));
        tc_store_close(store);
        assert_int_equal(fixture_int(copy, "PRAGMA user_version"), 2);
        assert_int_equal(fixture_int(copy, "PRAGMA application_id"), 1414288195);
        assert_string_equal(fixture_text(copy, "PRAGMA integrity_check"), "ok");
        assert_string_equal(fixture_text(copy, "SELECT scan_uuid FROM scan"), "one");
        assert_int_equal(stat(copy, &facts), 0);
        assert_int_equal(facts.st_mode & 0777, 0600);
        assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
        assert_null(tc_store_kept_copy(store)); /* it is up to date */
        tc_store_close(store);
        fixture_folder_free(folder);
    }
}

static void test_without_a_copy_nothing_is_changed(void **state)
{
    (void)state;
    char *folder = step2_new();
    if (folder == NULL) {
        skip();
    }
    char *path = strdup(fixture_path(folder, "census.db")); /* the fixture's are used again */
    char name[64];
    assert_non_null(path);
    for (int i = 0; i < 100; i++) { /* every name is taken */
        snprintf(name, sizeof name, i == 0 ? "census.db.step-2" : "census.db.step-2.%d", i);
        fixture_exec(fixture_path(folder, name), "CREATE TABLE theirs (x)");
    }
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    enum tc_status status = tc_store_open(&store, path, TC_STORE_WRITE, &error);
    if (status != TC_ERR_STORE || strstr(error.text, "no copy of it as it was") == NULL) {
        fail_msg("status %d: %s", (int)status, error.text);
    }
    assert_int_equal(fixture_int(path, "PRAGMA user_version"), 2);
    free(path);
    fixture_folder_free(folder);
}

static void test_facts_stay(void **state)
{
    (void)state;
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    open_and_close(path, TC_STORE_WRITE);
    assert_int_equal(fixture_int(path, "PRAGMA user_version"), 6);
    assert_string_equal(fixture_text(path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(fixture_text(path, "PRAGMA foreign_key_check"), "");
    assert_string_equal(
        fixture_text(path,
                     "SELECT group_concat(printf('%s:%d %s %s %s %s %s', host, port, outcome, "
                     "coalesce(grade, '-'), coalesce(tls_version, '-'), labels, findings), '; ') "
                     "FROM (SELECT * FROM v_endpoint ORDER BY port)"),
        "localhost:18443 ok T TLSv1.3 owner=library cert-self-signed; "
        "localhost:18444 refused - - owner=library ");
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM handshake_message"), 3);
    assert_string_equal(fixture_text(path, "SELECT detail FROM v_finding"),
                        "leaf CN=localhost, signed by itself, valid until 2036-11-25");
    fixture_folder_free(folder);
}

static void test_waivers_stay(void **state)
{
    (void)state;
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    fixture_exec(path,
                 "UPDATE finding_row SET waived_until_s = 1893456000, waiver_reason = 'ours'");
    open_and_close(path, TC_STORE_WRITE);
    assert_string_equal(
        fixture_text(path, "SELECT rule || ' ' || severity || ' ' || waived_until_utc || ' ' || "
                           "waiver_reason FROM v_finding"),
        "cert-self-signed high 2030-01-01 00:00:00 ours");
    assert_string_equal(fixture_text(path, "SELECT findings FROM v_endpoint WHERE port = 18443"),
                        "");
    fixture_folder_free(folder);
}

/* What was not asked then is not measured now. */
static void test_what_is_new_is_unknown(void **state)
{
    (void)state;
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    open_and_close(path, TC_STORE_WRITE);
    assert_int_equal(
        fixture_int(path, "SELECT count(*) FROM v_endpoint WHERE suites_supported IS NULL AND "
                          "groups_supported IS NULL AND survey_complete IS NULL AND post_quantum "
                          "IS NULL AND versions_supported IS NULL AND versions_unknown IS NULL AND "
                          "starttls_leftover_bytes IS NULL"),
        2);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM v_feature"), 0);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM other_chain"), 0);
    assert_string_equal(
        fixture_text(path, "SELECT kx || ' ' || cipher || ' ' || quality FROM suite WHERE code = "
                           "0xC02F"),
        "ECDHE AES-128 recommended");
    assert_string_equal(fixture_text(path, "SELECT name FROM registry_name WHERE kind = 'trait' "
                                           "AND code = 46"),
                        "post_quantum");
    fixture_folder_free(folder);
}

static void test_a_migrated_file_is_like_a_new_one(void **state)
{
    (void)state;
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    open_and_close(path, TC_STORE_WRITE);
    open_and_close(path, TC_STORE_READ); /* which compares every table and view */
    open_and_close(path, TC_STORE_CREATE);
    fixture_folder_free(folder);
}

static void test_readers_change_nothing(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_READ, &error), TC_ERR_VERSION);
    assert_non_null(strstr(error.text, "an older step"));
    assert_non_null(strstr(error.text, "assess"));
    assert_int_equal(fixture_int(path, "PRAGMA user_version"), 1);
    assert_int_equal(
        fixture_int(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'other_chain'"), 0);
    fixture_folder_free(folder);
}

static void test_what_users_added_stays(void **state)
{
    (void)state;
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    fixture_exec(path, "CREATE VIEW mine AS SELECT f.code FROM feature AS f; "
                       "CREATE TABLE notes (host TEXT); INSERT INTO notes VALUES ('localhost'); "
                       "CREATE INDEX by_suite ON observation (cipher)");
    open_and_close(path, TC_STORE_WRITE);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM mine"), 0);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM notes"), 1);
    assert_int_equal(
        fixture_int(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'by_suite'"), 1);
    fixture_folder_free(folder);
}

static void test_old_scans_are_judged_again(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_assess_counts counts = {0};
    struct tc_error error = {.text = ""};
    char *folder = step1_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
    assert_int_equal(tc_assess(store, &(struct tc_assess_options){.scan_id = 1}, &counts, &error),
                     TC_OK);
    tc_store_close(store);
    assert_int_equal(counts.findings[3], 1);
    assert_string_equal(fixture_text(path, "SELECT findings || ' ' || grade || ' ' || "
                                           "grade_partial FROM v_endpoint WHERE grade NOT NULL"),
                        "cert-self-signed T 1");
    fixture_folder_free(folder);
}

/* The first scan after the step is compared with one from before it. */
static void test_old_scans_are_compared_with(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    const struct tc_scan_start_record start = {.profile = "quick",
                                               .started_s = 2000,
                                               .tool_version = "test",
                                               .options_json = "{}",
                                               .trust_store = "none"};
    const struct tc_scan_end_record end = {.state = TC_SCAN_DONE,
                                           .finished_s = 2060,
                                           .vantage = "",
                                           .notices = "",
                                           .confirm_after = 1};
    int64_t scan_id = 0;
    char *folder = step2_new();
    if (folder == NULL) {
        skip();
    }
    const char *path = fixture_path(folder, "census.db");
    open_and_close(path, TC_STORE_WRITE);
    assert_int_equal(fixture_int(path, "PRAGMA user_version"), 6);
    assert_int_equal(fixture_int(path, "SELECT confirm_after FROM scan WHERE compared_scan_id IS "
                                       "NULL"),
                     2);
    assert_int_equal(fixture_int(path, "SELECT reads_survey FROM rule WHERE first_scan_id IS NULL "
                                       "AND last_scan_id IS NULL"),
                     0);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM v_change_history"), 0);
    open_and_close(path, TC_STORE_READ);
    assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
    assert_int_equal(tc_store_begin_scan(store, &scan_id, &start, &error), TC_OK);
    fixture_exec(path, "INSERT INTO scan_target (scan_id, target_id) VALUES (2, 1); INSERT INTO "
                       "observation (scan_id, endpoint_id, observed_s, outcome_id, outcome_stage) "
                       "VALUES (2, 1, 2000, 6, 'tcp')");
    assert_int_equal(tc_store_end_scan(store, scan_id, &end, &error), TC_OK);
    tc_store_close(store);
    assert_string_equal(fixture_text(path, "SELECT group_concat(kind || ' ' || before || ' ' || "
                                           "after || ' ' || previous_scan_id) FROM v_change"),
                        "became-unreachable ok refused 1");
    assert_int_equal(fixture_int(path, "SELECT compared_scan_id FROM scan WHERE scan_id = 2"), 1);
    fixture_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_copy_is_kept),
        cmocka_unit_test(test_without_a_copy_nothing_is_changed),
        cmocka_unit_test(test_facts_stay),
        cmocka_unit_test(test_waivers_stay),
        cmocka_unit_test(test_what_is_new_is_unknown),
        cmocka_unit_test(test_a_migrated_file_is_like_a_new_one),
        cmocka_unit_test(test_readers_change_nothing),
        cmocka_unit_test(test_what_users_added_stays),
        cmocka_unit_test(test_old_scans_are_judged_again),
        cmocka_unit_test(test_old_scans_are_compared_with),
    };
    return cmocka_run_group_tests_name("migrate", tests, NULL, NULL);
}
