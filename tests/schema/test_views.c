/* Every view on a database that is empty, has one row, and has many; and the schema as it stands.
 */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/database.h"
#include "store_fixture.h"

#define MANY 2000

static const char *const k_views[] = {
    "v_newest_scan",     "v_endpoint",    "v_endpoint_history", "v_expiring",
    "v_finding",         "v_change",      "v_finding_history",  "v_change_history",
    "v_certificate",     "v_shared_key",  "v_issuer",           "v_chain",
    "v_certificate_use", "v_unreachable", "v_feature",          "v_inventory",
};

/* Columns of endpoints.csv (docs/columns.md) with one column `labels`; ids come after these. */
static const char k_endpoint_columns[] =
    "scanned_utc target protocol host host_unicode port address labels outcome outcome_stage "
    "outcome_detail attempts grade worst_severity findings_critical findings_high findings_medium "
    "findings_low findings_info findings leaf_expires_utc leaf_days_left chain_expires_utc "
    "chain_days_left chain_expires_subject presented_depth verified_depth chain_status trusted "
    "trust_detail name_match subject_cn names names_count issuer_organization issuer_cn anchor_cn "
    "key_type key_bits signature serial leaf_sha256 spki_sha256 lifetime_days issued_utc "
    "is_wildcard sct_count ocsp_stapled tls_version cipher kx_group post_quantum forward_secrecy "
    "alpn versions_supported versions_unknown hsts_max_age_s redirects_to_https caa dane dns_ms "
    "connect_ms starttls_ms server_hello_ms handshake_ms total_ms connections read_bytes "
    "first_seen_utc previous_grade changed config_grade grade_partial suites_supported "
    "groups_supported survey_complete starttls_leftover_bytes found_in profile observed_utc "
    "scan_id";
static const char k_feature_columns[] =
    "host port address kind version name supported rank value text quality code scan_id";
static const char k_certificate_columns[] =
    "sha256 spki_sha256 serial subject subject_cn issuer issuer_cn issuer_organization issued_utc "
    "expires_utc days_left lifetime_days key_type key_bits signature is_ca is_self_issued "
    "names_count names policy endpoints hosts owners first_seen_utc last_seen_utc scan_id";
static const char k_finding_columns[] =
    "scan_id scanned_utc host port address labels rule severity title detail remedy source "
    "grade_cap waived_until_utc waiver_reason first_seen_utc age_days";
static const char k_inventory_columns[] =
    "name registrable_domain is_wildcard owners certificates issuer_organization leaf_expires_utc "
    "seen_on first_seen_utc scan_id";
static const char k_change_columns[] =
    "scan_id previous_scan_id host port address labels kind field before after severity";

static struct tc_chain *chain_of(const char *host)
{
    struct tc_cert *presented[] = {fixture_cert(host, "R10", false),
                                   fixture_cert("R10", "Root X1", true)};
    struct tc_cert *root = fixture_cert("Root X1", "Root X1", true);
    struct tc_chain *chain = fixture_chain(presented, 2, root);
    tc_ref_release(&root->ref);
    return chain;
}

static void add_feature(struct tc_observation *observation, uint32_t version)
{
    const struct tc_feature feature = {.kind = TC_FEATURE_VERSION,
                                       .code = version,
                                       .supported = version == 0x0304 ? TC_YES : TC_UNKNOWN,
                                       .value = TC_FEATURE_NO_VALUE};
    assert_int_equal(tc_features_put(&observation->features, &feature), TC_OK);
}

/* A finished scan of `num` names: every third shares a certificate, every tenth refuses. */
static void fill(const char *path, int num)
{
    struct tc_writer *writer = NULL;
    int64_t scan_id = 0;
    struct tc_store *store = fixture_scan_begin(path, &scan_id);
    assert_int_equal(tc_writer_start(&writer, store, scan_id, false, NULL), TC_OK);
    for (int n = 0; n < num; n++) {
        char host[64];
        char address[32];
        snprintf(host, sizeof host, "h%d.example.edu", n);
        snprintf(address, sizeof address, "10.0.%d.%d", n / 250, n % 250);
        struct tc_target *target = fixture_target(host, (uint64_t)n + 1, "library", "Delft");
        assert_int_equal(fixture_register(writer, target), TC_REGISTERED);
        struct tc_observation *observation = fixture_observation(
            target->target_id, address, n % 10 == 9 ? NULL : chain_of(n % 3 != 0 ? host : "*"));
        if (n % 10 != 9) {
            add_feature(observation, (uint32_t)0x0301 + (uint32_t)(n % 3));
            add_feature(observation, 0x0304);
        } else {
            observation->outcome = TC_OUTCOME_REFUSED;
            observation->stage = TC_STAGE_TCP;
            observation->detail = strdup("connection refused");
        }
        tc_writer_put(writer, observation);
        fixture_target_free(target);
    }
    assert_int_equal(tc_writer_stop(writer, NULL, NULL), TC_OK);
    fixture_scan_end(store, scan_id, TC_SCAN_DONE);
}

static int64_t count_rows(struct tc_store *store, const char *view)
{
    char sql[128];
    struct tc_rows *rows = NULL;
    struct tc_error error = {.text = ""};
    int64_t count = 0;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", view);
    if (tc_rows_open(&rows, store, sql, &error) != TC_OK) {
        fail_msg("%s: %s", view, error.text);
    }
    enum tc_status status = TC_OK;
    while ((status = tc_rows_next(rows, &error)) == TC_OK) {
        count++;
    }
    if (status != TC_ERR_END) {
        fail_msg("%s: %s", view, error.text);
    }
    tc_rows_close(rows);
    return count;
}

static void check_counts(int num, const int64_t expected[TC_ARRAY_LEN(k_views)])
{
    struct tc_store *store = NULL;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    if (num > 0) {
        fill(path, num);
    } else {
        assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, NULL), TC_OK);
        tc_store_close(store);
    }
    assert_int_equal(tc_store_open(&store, path, TC_STORE_READ, NULL), TC_OK);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_views); i++) {
        int64_t count = count_rows(store, k_views[i]);
        if (count != expected[i]) {
            fail_msg("%s: %lld rows, not %lld", k_views[i], (long long)count,
                     (long long)expected[i]);
        }
    }
    tc_store_close(store);
    fixture_folder_free(folder);
}

static void test_empty(void **state)
{
    (void)state;
    const int64_t expected[TC_ARRAY_LEN(k_views)] = {0};
    check_counts(0, expected);
}

static void test_one_row(void **state)
{
    (void)state;
    const int64_t expected[TC_ARRAY_LEN(k_views)] = {1, 1, 1, 1, 0, 0, 0, 0, 3, 0, 1, 3, 3, 0, 2};
    check_counts(1, expected);
}

static void test_many_rows(void **state)
{
    (void)state;
    /* 1,800 answer; 600 of the names below 2,000 that answer share the certificate "*" */
    const int64_t answered = MANY - MANY / 10;
    const int64_t shared = 600;
    const int64_t expected[TC_ARRAY_LEN(k_views)] = {1,
                                                     MANY,
                                                     MANY,
                                                     answered,
                                                     0,
                                                     0,
                                                     0,
                                                     0,
                                                     answered - shared + 1 + 2,
                                                     1,
                                                     1,
                                                     3 * answered,
                                                     3 * answered,
                                                     MANY - answered,
                                                     2 * answered};
    check_counts(MANY, expected);
}

static const struct column_case {
    const char *name;
    const char *view;
    const char *columns;
} k_column_cases[] = {
    {"columns of v_endpoint", "v_endpoint", k_endpoint_columns},
    {"columns of v_endpoint_history", "v_endpoint_history", k_endpoint_columns},
    {"columns of v_certificate", "v_certificate", k_certificate_columns},
    {"columns of v_finding", "v_finding", k_finding_columns},
    {"columns of v_inventory", "v_inventory", k_inventory_columns},
    {"columns of v_change", "v_change", k_change_columns},
    {"columns of v_feature", "v_feature", k_feature_columns},
};

static void check_columns(void **state)
{
    const struct column_case *row = *state;
    struct tc_store *store = NULL;
    char sql[160];
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    assert_int_equal(tc_store_open(&store, path, TC_STORE_CREATE, NULL), TC_OK);
    tc_store_close(store);
    snprintf(sql, sizeof sql, "SELECT group_concat(name, ' ') FROM pragma_table_info('%s')",
             row->view);
    const char *found = fixture_text(path, sql);
    if (strncmp(found, row->columns, strlen(row->columns)) != 0) {
        fail_msg("%s has other columns: %s", row->view, found);
    }
    fixture_folder_free(folder);
}

static const struct day_case {
    const char *name;
    int64_t from_now_s;
    int64_t days;
} k_day_cases[] = {
    {"days: in one second", 1, 0},
    {"days: now", 0, 0},
    {"days: a second ago", -1, -1},
    {"days: a day ago", -FIXTURE_DAY_S, -1},
    {"days: a day and a second ago", -FIXTURE_DAY_S - 1, -2},
    {"days: almost one", FIXTURE_DAY_S - 1, 0},
    {"days: one", FIXTURE_DAY_S, 1},
    {"days: in the year 9999", 253402300799 - FIXTURE_START_S, 2912116},
};

static void check_days(void **state)
{
    const struct day_case *row = *state;
    char sql[160];
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    fill(path, 1);
    snprintf(sql, sizeof sql,
             "UPDATE certificate SET not_after_s = %lld; UPDATE observation SET "
             "chain_not_after_s = %lld",
             (long long)(FIXTURE_START_S + row->from_now_s),
             (long long)(FIXTURE_START_S + row->from_now_s));
    fixture_exec(path, sql);
    int64_t leaf_days = fixture_int(path, "SELECT leaf_days_left + 1000 FROM v_endpoint");
    int64_t chain_days = fixture_int(path, "SELECT chain_days_left + 1000 FROM v_endpoint");
    int64_t certificate_days =
        fixture_int(path, "SELECT days_left + 1000 FROM v_certificate WHERE is_ca = 0");
    fixture_folder_free(folder);
    assert_int_equal(leaf_days - 1000, row->days);
    assert_int_equal(chain_days - 1000, row->days);
    assert_int_equal(certificate_days - 1000, row->days);
}

/* ---- the schema as people see it ---- */

static char *read_all(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    if (file != NULL) {
        size_t len = fread(text, 1, (1 << 20) - 1, file);
        text[len] = '\0';
        fclose(file);
    }
    return text;
}

static void write_all(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* tests/golden/schema.sql holds what a new database has. GOLDEN_UPDATE=1 writes it anew. */
static void test_schema_dump(void **state)
{
    (void)state;
    struct tc_store *store = NULL;
    struct tc_rows *rows = NULL;
    char golden[1024];
    const char *source = getenv("TLSCENSUS_SOURCE");
    if (source == NULL) {
        skip(); /* run by hand, without ctest */
    }
    snprintf(golden, sizeof golden, "%s/tests/golden/schema.sql", source);
    char *found = calloc(1, 1 << 20);
    size_t len = 0;
    assert_int_equal(tc_store_open(&store, ":memory:", TC_STORE_CREATE, NULL), TC_OK);
    assert_int_equal(
        tc_rows_open(&rows, store,
                     "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name",
                     NULL),
        TC_OK);
    while (tc_rows_next(rows, NULL) == TC_OK) {
        len += (size_t)snprintf(found + len, (1U << 20) - len, "%s;\n", tc_rows_text(rows, 0));
    }
    tc_rows_close(rows);
    tc_store_close(store);
    if (getenv("GOLDEN_UPDATE") != NULL) {
        write_all(golden, found);
    }
    char *expected = read_all(golden);
    bool is_same = strcmp(found, expected) == 0;
    free(found);
    free(expected);
    if (!is_same) {
        fail_msg("the schema is not that of %s: look at the change, then GOLDEN_UPDATE=1", golden);
    }
}

static void test_names_of_codes(void **state)
{
    (void)state;
    char *folder = fixture_folder_new();
    const char *path = fixture_path(folder, "census.db");
    fill(path, 1);
    assert_int_equal(fixture_int(path, "SELECT count(*) FROM outcome"), TC_OUTCOME_COUNT);
    assert_string_equal(fixture_text(path, "SELECT name FROM outcome WHERE outcome_id = 20"),
                        "interrupted");
    assert_string_equal(fixture_text(path, "SELECT tls_version || ' ' || cipher || ' ' || kx_group "
                                           "|| ' ' || forward_secrecy FROM v_endpoint"),
                        "TLSv1.3 TLS_AES_128_GCM_SHA256 x25519 1");
    fixture_exec(path, "UPDATE observation SET cipher = 65535, kx_group = NULL");
    assert_string_equal(
        fixture_text(path, "SELECT cipher || coalesce(kx_group, ' none') FROM v_endpoint"),
        "0xFFFF none");
    fixture_folder_free(folder);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(test_empty),          cmocka_unit_test(test_one_row),
        cmocka_unit_test(test_many_rows),      cmocka_unit_test(test_schema_dump),
        cmocka_unit_test(test_names_of_codes),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(k_column_cases) + TC_ARRAY_LEN(k_day_cases) +
                            TC_ARRAY_LEN(others)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_column_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = k_column_cases[i].name,
                                           .test_func = check_columns,
                                           .initial_state = (void *)(uintptr_t)&k_column_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_day_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = k_day_cases[i].name,
                                           .test_func = check_days,
                                           .initial_state = (void *)(uintptr_t)&k_day_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(others); i++) {
        tests[num++] = others[i];
    }
    return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
