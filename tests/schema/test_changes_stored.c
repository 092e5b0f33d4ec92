/* What a change says beyond its kind, any two scans, and what stays as it was: nights.h explains
 * the words. */
#include "test_support.h"

#include "nights.h"

#include <stdio.h>
#include <string.h>

#include "schema/database.h"

#define ALL_KINDS 20

/* The first column of the first row; the caller frees it. */
static char *text_of(struct tc_store *store, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), SQLITE_OK);
    const char *text = sqlite3_step(statement) == SQLITE_ROW
                           ? (const char *)sqlite3_column_text(statement, 0)
                           : NULL;
    char *copy = strdup(text != NULL ? text : "");
    sqlite3_finalize(statement);
    assert_non_null(copy);
    return copy;
}

static void expect_text(struct tc_store *store, const char *sql, const char *wanted)
{
    char *text = text_of(store, sql);
    assert_string_equal(text, wanted);
    free(text);
}

static struct value_case {
    const char *name;
    const char *nights[4];
    const char *kind;
    const char *values; /* before > after, of the last night */
} value_cases[] = {
    {"a key", {"A", "E"}, "key-changed", "RSA 2048 > ECDSA P-256"},
    {"an issuer", {"A", "D"}, "issuer-changed", "Let's Encrypt > DigiCert Inc"},
    {"names lost", {"A", "L"}, "names-changed", "example.org > -"},
    {"names won", {"A", "M"}, "names-changed", "- > new.example.org"},
    {"names lost and won", {"L", "X"}, "names-changed", "www.example.org > localhost"},
    {"a chain", {"A", "A chain=2"}, "chain-changed", "R10 > R11"},
    {"trust lost", {"A", "A trust=untrusted-root"}, "trust-changed", "true > untrusted-root"},
    {"trust won", {"A trust=unknown-issuer", "A", "A"}, "trust-changed", "unknown-issuer > true"},
    {"the name", {"A", "A name=0"}, "trust-changed", "true > false"},
    {"an outage", {"A", "-", "@1 o=connect-timeout"}, "became-unreachable", "ok > connect-timeout"},
    {"its end", {"-", "A"}, "became-reachable", "refused > ok"},
    {"a grade", {"A grade=A+", "A grade=B"}, "grade-changed", "A+ > B"},
    {"a version", {"A", "A v=023"}, "version-enabled", "no > yes"},
    {"suites",
     {"A", "A c=ah", "A c=ah"},
     "suite-changed",
     "TLS_AES_256_GCM_SHA384 TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 > "
     "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    {"groups", {"A g=xq", "A g=xp", "A g=xp"}, "group-changed", "X25519MLKEM768 > secp256r1"},
    {"a finding", {"A", "A f=cert-expiring"}, "finding-new", "- > night 1"},
    {"the end of one", {"A f=cert-expiring", "A", "A"}, "finding-fixed", "night 0 > -"},
    {"an address", {"A", "A @2 A"}, "address-added", "- > 192.0.2.2"},
    {"one less", {"A @2 A", "A", "A"}, "address-removed", "192.0.2.2 > -"},
    {"a target", {"A", "A + -"}, "target-added", "- > refused"},
    {"one less of them", {"A + A", "A"}, "target-removed", "ok > -"},
};

static void check_values(void **state)
{
    const struct value_case *row = *state;
    char sql[256];
    struct tc_store *store = nights_new();
    for (int i = 0; i < (int)TC_ARRAY_LEN(row->nights) && row->nights[i] != NULL; i++) {
        (void)nights_play(store, i, row->nights[i], 0);
    }
    snprintf(sql, sizeof sql,
             "SELECT coalesce(before, '-') || ' > ' || coalesce(after, '-') FROM v_change WHERE "
             "kind = '%s'",
             row->kind);
    expect_text(store, sql, row->values);
    tc_store_close(store);
}

/* ---- any two scans ---- */

static struct pair_case {
    const char *name;
    const char *nights[6];
    int64_t old_id;
    int64_t new_id;
    const char *changes;
} pair_cases[] = {
    {"two that follow each other",
     {"A", "D"},
     1,
     2,
     "certificate-replaced:leaf_sha256!1 issuer-changed:issuer_organization!2"},
    {"what is between does not matter", {"A", "D", "A"}, 1, 3, ""},
    {"the newer one's outage is told at once",
     {"A", "A", "-"},
     1,
     3,
     "became-unreachable:outcome!3"},
    {"so is the end of a finding",
     {"A f=cert-expiring", "A"},
     1,
     2,
     "finding-fixed:cert-expiring!1"},
    {"the two stand alone, whatever was before the older one",
     {"A", "D", "A", "D"},
     3,
     4,
     "certificate-replaced:leaf_sha256!1 issuer-changed:issuer_organization!2"},
    {"the other way round",
     {"A", "D"},
     2,
     1,
     "certificate-replaced:leaf_sha256!1 issuer-changed:issuer_organization!2"},
    {"with one that was interrupted: what it had",
     {"A + A", "broken D"},
     1,
     2,
     "certificate-replaced:leaf_sha256!1 issuer-changed:issuer_organization!2"},
    {"against one that was interrupted",
     {"broken A", "D + A"},
     1,
     2,
     "certificate-replaced:leaf_sha256!1 issuer-changed:issuer_organization!2"},
    {"lists", {"A", "A", "A + A"}, 1, 3, "target-added:target!0+"},
};

static void check_pair(void **state)
{
    const struct pair_case *row = *state;
    struct tc_error error = {""};
    struct tc_store *store = nights_new();
    for (int i = 0; i < (int)TC_ARRAY_LEN(row->nights) && row->nights[i] != NULL; i++) {
        (void)nights_play(store, i, row->nights[i], 0);
    }
    char *stored = text_of(store, "SELECT group_concat(kind || scan_id) FROM main.change");
    for (int i = 0; i < 2; i++) { /* twice: the second stands in place of the first */
        if (tc_store_compare(store, row->old_id, row->new_id, &error) != TC_OK) {
            fail_msg("%s", error.text);
        }
        char *changes = nights_changes(store, row->new_id);
        assert_string_equal(changes, row->changes);
        free(changes);
    }
    expect_text(store, "SELECT group_concat(kind || scan_id) FROM main.change", stored);
    free(stored);
    tc_store_close(store);
}

/* ---- all of it ---- */

static void there_are_twenty_kinds(void **state)
{
    static const char *const nights[] = {
        "A @2 A f=cert-expiring",
        "E chain=2 v=023 f=tls10-enabled @2 D",
        "E chain=1 v=2 c=g g=q @3 A",
        "L v=2 c=g g=q trust=bad-signature grade=T + A",
        "- @3 K @4 A",
        "- @3 K",
        "L + -",
        "+ -",
        "A",
    };
    (void)state;
    struct tc_store *store = nights_new();
    for (int i = 0; i < (int)TC_ARRAY_LEN(nights); i++) {
        (void)nights_play(store, i, nights[i], 0);
    }
    char *kinds =
        text_of(store, "SELECT count(DISTINCT kind) || ': ' || group_concat(DISTINCT kind) "
                       "FROM change");
    char wanted[8];
    snprintf(wanted, sizeof wanted, "%d: ", ALL_KINDS);
    if (strncmp(kinds, wanted, strlen(wanted)) != 0) {
        fail_msg("%s", kinds);
    }
    free(kinds);
    tc_store_close(store);
}

static void the_scan_says_how_it_was_compared(void **state)
{
    (void)state;
    int64_t base_id = -1;
    struct tc_error error = {""};
    struct tc_store *store = nights_new();
    (void)nights_play(store, 0, "A", 0);
    (void)nights_play(store, 1, "broken A", 0);
    (void)nights_play(store, 2, "A", 5);
    expect_text(store,
                "SELECT group_concat(scan_id || ':' || coalesce(compared_scan_id, '-') || ':' || "
                "confirm_after, ' ') FROM scan",
                "1:-:2 2:-:2 3:1:5");
    assert_int_equal(tc_store_find_base(store, 3, &base_id, &error), TC_OK);
    assert_int_equal(base_id, 1);
    assert_int_equal(tc_store_find_base(store, 1, &base_id, &error), TC_OK);
    assert_int_equal(base_id, 0);
    assert_int_equal(tc_store_find_base(store, 9, &base_id, &error), TC_ERR_NOT_FOUND);
    tc_store_close(store);
}

static void endpoints_say_what_changed(void **state)
{
    (void)state;
    struct tc_store *store = nights_new();
    (void)nights_play(store, 0, "A grade=A+", 0);
    expect_text(
        store,
        "SELECT coalesce(previous_grade, '-') || ' ' || coalesce(changed, '-') FROM v_endpoint",
        "- -");
    (void)nights_play(store, 1, "D grade=B + A", 0);
    expect_text(store,
                "SELECT group_concat(host || ' ' || coalesce(previous_grade, '-') || ' ' || grade "
                "|| ' ' || changed, '; ') "
                "FROM (SELECT * FROM v_endpoint ORDER BY host)",
                "mail.example.org - A target-added; www.example.org A+ B certificate-replaced "
                "grade-changed "
                "issuer-changed");
    (void)nights_play(store, 2, "D grade=B + A", 0);
    expect_text(store,
                "SELECT group_concat(previous_grade || changed) FROM (SELECT * FROM v_endpoint "
                "ORDER BY host)",
                "A,B");
    tc_store_close(store);
}

static void closing_twice_tells_once(void **state)
{
    (void)state;
    struct tc_error error = {""};
    struct tc_store *store = nights_new();
    (void)nights_play(store, 0, "A", 0);
    int64_t scan_id = nights_play(store, 1, "D", 0);
    const struct tc_scan_end_record again = {
        .state = TC_SCAN_DONE, .finished_s = 1, .vantage = "", .notices = ""};
    assert_int_equal(tc_store_end_scan(store, scan_id, &again, &error), TC_OK);
    expect_text(store, "SELECT count(*) FROM change", "2");
    assert_int_equal(tc_store_end_scan(store, 77, &again, &error), TC_ERR_NOT_FOUND);
    expect_text(store, "SELECT count(*) FROM change", "2");
    expect_text(store, "SELECT group_concat(name) FROM temp.sqlite_schema", "");
    tc_store_close(store);
}

static void a_scan_takes_its_changes_with_it(void **state)
{
    (void)state;
    struct tc_store *store = nights_new();
    (void)nights_play(store, 0, "A", 0);
    (void)nights_play(store, 1, "D", 0);
    assert_int_equal(
        sqlite3_exec(store->db, "DELETE FROM scan WHERE scan_id = 1", NULL, NULL, NULL), SQLITE_OK);
    expect_text(store, "SELECT group_concat(previous_scan_id) FROM v_change",
                "1,1"); /* old comparisons stay true */
    assert_int_equal(
        sqlite3_exec(store->db, "DELETE FROM scan WHERE scan_id = 2", NULL, NULL, NULL), SQLITE_OK);
    expect_text(store, "SELECT count(*) FROM change", "0");
    tc_store_close(store);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(there_are_twenty_kinds),
        cmocka_unit_test(the_scan_says_how_it_was_compared),
        cmocka_unit_test(endpoints_say_what_changed),
        cmocka_unit_test(closing_twice_tells_once),
        cmocka_unit_test(a_scan_takes_its_changes_with_it),
    };
    struct CMUnitTest
        tests[TC_ARRAY_LEN(value_cases) + TC_ARRAY_LEN(pair_cases) + TC_ARRAY_LEN(others)] = {0};
    size_t num = 0;
    ADD_ROWS(value_cases, check_values);
    ADD_ROWS(pair_cases, check_pair);
    memcpy(tests + num, others, sizeof others);
    return cmocka_run_group_tests_name("changes_stored", tests, NULL, NULL);
}
