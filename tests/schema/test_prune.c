/* What prune takes and what it leaves; and that it knows every table that refers to another. */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"
#include "tlscensus/keeping.h"

#define DAY(n) (FIXTURE_START_S + (n) * (int64_t)FIXTURE_DAY_S)

/* ---- a database by hand ---- */

static void put(const char *path, const char *format, ...) TC_PRINTF(2, 3);
static void put(const char *path, const char *format, ...)
{
    char sql[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sql, sizeof sql, format, arguments);
    va_end(arguments);
    fixture_exec(path, sql);
}

static void make_empty(const char *path)
{
    struct tc_store *store = NULL;
    assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, NULL), TC_OK);
    tc_store_close(store);
}

/* A scan that began on a day, by its number. */
static void put_scan(const char *path, int id, int day, const char *state)
{
    put(path,
        "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, tool_version, "
        "options_json, trust_store) VALUES (%d, 'uuid-%d', 'quick', '%s', %lld, %lld, 'test', "
        "'{}', 'none')",
        id, id, state, (long long)DAY(day), (long long)DAY(day));
}

static void put_endpoint(const char *path, int id)
{
    put(path,
        "INSERT INTO target (target_id, protocol, host, port) VALUES (%d, 'https', 'h%d', 443); "
        "INSERT INTO endpoint (endpoint_id, target_id, address) VALUES (%d, %d, '10.0.0.%d')",
        id, id, id, id, id);
}

static void put_certificate(const char *path, int id)
{
    put(path,
        "INSERT INTO certificate (certificate_id, sha256, is_ca, der) VALUES (%d, "
        "CAST(printf('%%032d', %d) AS BLOB), 0, x'3000'); "
        "INSERT INTO certificate_name (certificate_id, kind, name) VALUES (%d, 'dns', 'h')",
        id, id, id);
}

/* observation_id is 100 times the scan's number and the endpoint's. */
static void observe(const char *path, int scan, int endpoint, int outcome, int leaf)
{
    put(path,
        "INSERT INTO observation (observation_id, scan_id, endpoint_id, observed_s, outcome_id, "
        "leaf_id) SELECT %d, scan_id, %d, started_s + 5, %d, nullif(%d, 0) FROM scan WHERE scan_id "
        "= %d; INSERT INTO scan_target (scan_id, target_id, input_line) VALUES (%d, %d, 1)",
        scan * 100 + endpoint, endpoint, outcome, leaf, scan, scan, endpoint);
}

static void prune(const char *path, const struct tc_prune_options *options,
                  struct tc_prune_counts *counts)
{
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
    if (tc_prune(store, options, counts, &error) != TC_OK) {
        fail_msg("%s", error.text);
    }
    tc_store_close(store);
}

static void expect_whole(const char *path)
{
    assert_string_equal(fixture_text(path, "PRAGMA integrity_check"), "ok");
    assert_string_equal(fixture_text(path, "PRAGMA foreign_key_check"), "");
}

/* ---- which scans go ---- */

static const struct scan_case {
    const char *name;
    const char *states; /* of scans on days 0, 1, …: d done, i interrupted, r running, p pruned */
    uint64_t keep_scans;
    int before_day; /* -1: age is no reason */
    const char *left;
} k_scan_cases[] = {
    {"the newest stay", "ddddd", 2, -1, "4 5"},
    {"one is the fewest", "ddd", 1, -1, "3"},
    {"more than there are", "ddd", 9, -1, "1 2 3"},
    {"a number beyond all", "ddd", UINT64_MAX, -1, "1 2 3"},
    {"what has not finished counts for none", "dddii", 2, -1, "2 3 4 5"},
    {"unfinished and older goes", "idirdd", 2, -1, "5 6"},
    {"old ones go", "ddddd", 0, 3, "4 5"},
    {"the newest stays at any age", "ddddd", 0, 99, "5"},
    {"both must say so: young", "ddddd", 1, 2, "3 4 5"},
    {"both must say so: few", "ddddd", 4, 99, "2 3 4 5"},
    {"without a finished one nothing goes", "iir", 1, 99, "1 2 3"},
    {"what is pruned already counts for none", "dpdd", 3, -1, "1 2 3 4"},
    {"nothing is said, nothing goes", "ddd", 0, -1, "1 2 3"},
};

/* Each scan has an endpoint that all have, so only the first keeps a row of its own for it. */
static void check_scans(void **state)
{
    const struct scan_case *row = *state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    struct tc_prune_counts counts = {0};
    make_empty(path);
    for (int i = 0; row->states[i] != '\0'; i++) {
        const char *word = row->states[i] == 'i'   ? "interrupted"
                           : row->states[i] == 'r' ? "running"
                                                   : "done";
        put_scan(path, i + 1, i, word);
        if (row->states[i] == 'p') {
            put(path, "UPDATE scan SET notices = 'pruned: before' WHERE scan_id = %d", i + 1);
        }
    }
    prune(path,
          &(struct tc_prune_options){.keep_scans = row->keep_scans,
                                     .begun_before_s =
                                         row->before_day >= 0 ? DAY(row->before_day) : 0},
          &counts);
    assert_string_equal(fixture_text(path, "SELECT group_concat(scan_id, ' ') FROM scan"),
                        row->left);
    assert_int_equal(counts.scans, strlen(row->states) - (strlen(row->left) + 1) / 2);
    expect_whole(path);
    fixture_folder_free(folder);
}

/* ---- what stays of them ---- */

/*
 * Four nights. Endpoint 1 answers in all with certificates 1, 1, 2, 2; endpoint 2 vanishes after
 * the second; endpoint 3 answers in the first, then refuses; endpoint 4 comes in the second.
 */
static char *four_nights(const char **out_path)
{
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    make_empty(path);
    for (int id = 1; id <= 4; id++) {
        put_scan(path, id, id, "done");
        put_endpoint(path, id);
    }
    for (int id = 1; id <= 5; id++) {
        put_certificate(path, id);
    }
    put(path, "INSERT INTO rule (rule_id, name, severity, title, why, remedy, source) VALUES "
              "(1, 'r1', 3, '', '', '', ''), (2, 'r2', 3, '', '', '', ''); "
              "INSERT INTO finding_detail VALUES (1, 'once'), (2, 'still'); "
              "INSERT INTO finding_set VALUES (1, x'01', 1), (2, x'02', 3); "
              "INSERT INTO finding_set_row VALUES (1, 1, 3, 1), (2, 2, 3, 2)");
    observe(path, 1, 1, 0, 1);
    observe(path, 2, 1, 0, 1);
    observe(path, 3, 1, 0, 2);
    observe(path, 4, 1, 0, 2);
    observe(path, 1, 2, 0, 3);
    observe(path, 2, 2, 0, 3);
    observe(path, 1, 3, 0, 4);
    observe(path, 2, 3, 6, 0);
    observe(path, 3, 3, 6, 0);
    observe(path, 4, 3, 6, 0);
    observe(path, 2, 4, 0, 5);
    observe(path, 3, 4, 0, 5);
    observe(path, 4, 4, 0, 5);
    put(path, "UPDATE observation SET finding_set_id = 1 WHERE observation_id IN (101, 201); "
              "UPDATE observation SET finding_set_id = 2 WHERE observation_id IN (301, 401)");
    *out_path = path;
    return folder;
}

static void test_what_later_reports_refer_to_stays(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_prune_counts counts = {0};
    prune(path, &(struct tc_prune_options){.keep_scans = 1}, &counts);
    /* 101 first seen; 103 first seen and last answer; 202 last known state; 204 first seen; 301
     * first with its certificate and finding, and as 303 and 304 what 4xx is compared with */
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(observation_id, ' ') FROM (SELECT observation_id "
                           "FROM observation ORDER BY 1)"),
        "101 103 202 204 301 303 304 401 403 404");
    assert_int_equal(counts.observations, 3);
    assert_int_equal(counts.scans, 0);
    assert_int_equal(counts.scans_left, 3);
    assert_int_equal(counts.observations_left, 7);
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(scan_id || ':' || target_id, ' ') FROM (SELECT * "
                           "FROM scan_target ORDER BY scan_id, target_id)"),
        "1:1 1:3 2:2 2:4 3:1 3:3 3:4 4:1 4:3 4:4");
    assert_string_equal(
        fixture_text(path, "SELECT group_concat(scan_id, ' ') FROM scan WHERE notices LIKE "
                           "'pruned: %'"),
        "1 2 3");
    expect_whole(path);
    fixture_folder_free(folder);
}

static void test_a_second_time_changes_nothing(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_prune_counts counts = {0};
    prune(path, &(struct tc_prune_options){.keep_scans = 1}, &counts);
    prune(path, &(struct tc_prune_options){.keep_scans = 1}, &counts);
    assert_int_equal(counts.observations, 0);
    assert_int_equal(counts.certificates, 0);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 10);
    assert_string_equal(fixture_text(path, "SELECT notices FROM scan WHERE scan_id = 1"),
                        "pruned: of this scan only that is left to which later reports refer");
    fixture_folder_free(folder);
}

static void test_a_dry_run_counts_the_same(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_prune_counts would = {0};
    struct tc_prune_counts did = {0};
    prune(path, &(struct tc_prune_options){.keep_scans = 1, .dry_run = true}, &would);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 13);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM scan WHERE notices <> ''"), 0);
    prune(path, &(struct tc_prune_options){.keep_scans = 1}, &did);
    assert_memory_equal(&would, &did, sizeof did);
    fixture_folder_free(folder);
}

/* What only the removed observations had goes with them. */
static void test_orphans_go(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_prune_counts counts = {0};
    put(path,
        "INSERT INTO chain VALUES (1, x'01'), (2, x'02'); "
        "INSERT INTO certificate (certificate_id, sha256, is_ca) VALUES "
        "(11, CAST(printf('%%032d', 11) AS BLOB), 1), "
        "(12, CAST(printf('%%032d', 12) AS BLOB), 1); "
        "INSERT INTO chain_certificate VALUES (1, 1, 11), (2, 1, 12); "
        "INSERT INTO feature_set VALUES (1, x'01'), (2, x'02'); "
        "INSERT INTO feature VALUES (1, 'version', 0, 772, 1, NULL, NULL, NULL), "
        "(2, 'version', 0, 771, 1, NULL, NULL, NULL); "
        "INSERT INTO cname_chain VALUES (1, 'a'), (2, 'b'); "
        "INSERT INTO label_set VALUES (1, x'01'), (2, x'02'); "
        "INSERT INTO label VALUES (1, 1, 'owner', 'x'), (2, 1, 'owner', 'y'); "
        "INSERT INTO certificate_url VALUES (1, 'o', '', ''), (2, 'p', '', ''); "
        "INSERT INTO handshake_message VALUES (203, 1, 0, 1, 100, 0), (401, 1, 0, 1, 100, 0)");
    put(path,
        "UPDATE certificate SET certificate_url_id = certificate_id - 10 WHERE certificate_id "
        "> 10; "
        "UPDATE observation SET presented_chain_id = 1, feature_set_id = 1, cname_chain_id = "
        "1 WHERE observation_id = 203; "
        "UPDATE observation SET verified_chain_id = 2, feature_set_id = 2, cname_chain_id = 2 "
        "WHERE observation_id = 401; "
        "UPDATE scan_target SET label_set_id = 1 WHERE scan_id = 2 AND target_id = 3; "
        "UPDATE scan_target SET label_set_id = 2 WHERE scan_id = 4");
    prune(path, &(struct tc_prune_options){.keep_scans = 1}, &counts);
    static const char *const k_left[] = {
        "SELECT group_concat(chain_id) FROM chain",
        "SELECT group_concat(chain_id) FROM chain_certificate",
        "SELECT group_concat(feature_set_id) FROM feature_set",
        "SELECT group_concat(feature_set_id) FROM feature",
        "SELECT group_concat(cname_chain_id) FROM cname_chain",
        "SELECT group_concat(label_set_id) FROM label_set",
        "SELECT group_concat(label_set_id) FROM label",
        "SELECT group_concat(certificate_url_id) FROM certificate_url",
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(k_left); i++) {
        if (strcmp(fixture_text(path, k_left[i]), "2") != 0) {
            fail_msg("%s: %s", k_left[i], fixture_text(path, k_left[i]));
        }
    }
    assert_string_equal(fixture_text(path, "SELECT observation_id FROM handshake_message"), "401");
    assert_int_equal(
        fixture_int(path, "SELECT count(*) FROM certificate WHERE certificate_id = 11"), 0);
    assert_int_equal(counts.certificates, 1);
    expect_whole(path);
    fixture_folder_free(folder);
}

static void test_bytes_of_old_leaves(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_prune_counts counts = {0};
    put(path, "UPDATE certificate SET parse_error = 'cut short' WHERE certificate_id = 4; "
              "INSERT INTO chain VALUES (1, x'01'); INSERT INTO chain_certificate VALUES (1, 1, 3);"
              "UPDATE observation SET verified_chain_id = 1 WHERE observation_id = 102");
    prune(path, &(struct tc_prune_options){.drop_der_since_s = DAY(3)}, &counts);
    /* 2 and 5 are seen since, 3 is in a chain too, 4 has nothing but its bytes */
    assert_string_equal(fixture_text(path, "SELECT group_concat(certificate_id) FROM certificate "
                                           "WHERE der IS NULL"),
                        "1");
    assert_int_equal(counts.ders, 1);
    assert_int_equal(counts.scans + counts.observations + counts.certificates, 0);
    fixture_folder_free(folder);
}

/* ---- tables that come later ---- */

/*
 * Every reference of the schema. Whoever adds one makes schema/prune remove its rows, or keep what
 * they refer to, and says so here.
 */
static const char k_references[] = "certificate.certificate_url_id>certificate_url "
                                   "certificate_name.certificate_id>certificate "
                                   "chain_certificate.certificate_id>certificate "
                                   "chain_certificate.chain_id>chain "
                                   "change.endpoint_id>endpoint "
                                   "change.scan_id>scan "
                                   "endpoint.target_id>target "
                                   "endpoint_leaf.endpoint_id>endpoint "
                                   "endpoint_leaf.leaf_id>certificate "
                                   "feature.feature_set_id>feature_set "
                                   "finding_set_row.detail_id>finding_detail "
                                   "finding_set_row.finding_set_id>finding_set "
                                   "finding_set_row.rule_id>rule "
                                   "finding_waiver.observation_id>observation "
                                   "finding_waiver.rule_id>rule "
                                   "handshake_message.observation_id>observation "
                                   "label.label_set_id>label_set "
                                   "observation.chain_not_after_id>certificate "
                                   "observation.cname_chain_id>cname_chain "
                                   "observation.endpoint_id>endpoint "
                                   "observation.feature_set_id>feature_set "
                                   "observation.finding_set_id>finding_set "
                                   "observation.leaf_id>certificate "
                                   "observation.outcome_id>outcome "
                                   "observation.presented_chain_id>chain "
                                   "observation.scan_id>scan "
                                   "observation.verified_chain_id>chain "
                                   "other_chain.leaf_id>certificate "
                                   "other_chain.observation_id>observation "
                                   "other_chain.presented_chain_id>chain "
                                   "other_chain.verified_chain_id>chain "
                                   "rejected_target.scan_id>scan "
                                   "scan_target.label_set_id>label_set "
                                   "scan_target.scan_id>scan "
                                   "scan_target.target_id>target";

static void test_every_reference_is_known(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    make_empty(path);
    assert_string_equal(
        fixture_text(path,
                     "SELECT group_concat(edge, ' ') FROM (SELECT m.name || '.' || f.\"from\" "
                     "|| '>' || f.\"table\" AS edge FROM sqlite_schema AS m JOIN "
                     "pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' ORDER BY "
                     "1)"),
        k_references);
    fixture_folder_free(folder);
}

static void test_an_unknown_reference_stops_it(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_store *store = NULL;
    struct tc_prune_counts counts = {0};
    struct tc_error error = {.text = ""};
    put(path,
        "CREATE TABLE notes (observation_id INTEGER REFERENCES observation ON DELETE CASCADE);"
        "INSERT INTO notes VALUES (201)");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
    assert_int_equal(tc_prune(store, &(struct tc_prune_options){.keep_scans = 1}, &counts, &error),
                     TC_ERR_STORE);
    assert_non_null(strstr(error.text, "notes"));
    assert_non_null(strstr(error.text, "observation"));
    tc_store_close(store);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 13);
    expect_whole(path);
    fixture_folder_free(folder);
}

/* ---- the file gets smaller ---- */

static void test_vacuum(void **state)
{
    (void)state;
    const char *path = NULL;
    char *folder = four_nights(&path);
    struct tc_store *store = NULL;
    struct tc_error error = {.text = ""};
    uint64_t before_bytes = 0;
    uint64_t after_bytes = 0;
    put(path, "CREATE TABLE filler (x BLOB); INSERT INTO filler VALUES (zeroblob(4000000)); "
              "DELETE FROM filler");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_WRITE, &error), TC_OK);
    assert_int_equal(tc_store_vacuum(store, &before_bytes, &after_bytes, &error), TC_OK);
    tc_store_close(store);
    assert_true(before_bytes >= after_bytes + 3900000);
    assert_int_equal(fixture_int(path, "PRAGMA page_count") * fixture_int(path, "PRAGMA page_size"),
                     after_bytes);
    assert_int_equal(fixture_int(path, "PRAGMA freelist_count"), 0);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM observation"), 13);
    expect_whole(path);
    fixture_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_what_later_reports_refer_to_stays),
        cmocka_unit_test(test_a_second_time_changes_nothing),
        cmocka_unit_test(test_a_dry_run_counts_the_same),
        cmocka_unit_test(test_orphans_go),
        cmocka_unit_test(test_bytes_of_old_leaves),
        cmocka_unit_test(test_every_reference_is_known),
        cmocka_unit_test(test_an_unknown_reference_stops_it),
        cmocka_unit_test(test_vacuum),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(k_scan_cases) + TC_ARRAY_LEN(others)] = {0};
    size_t num = 0;
    ADD_ROWS(k_scan_cases, check_scans)
    for (size_t i = 0; i < TC_ARRAY_LEN(others); i++) {
        tests[num++] = others[i];
    }
    return cmocka_run_group_tests_name("prune", tests, NULL, NULL);
}
