#include "test_support.h"

#include "rules_fixture.h"

#include <stdlib.h>
#include <string.h>

/*
 * A past leaf of endpoint 1: issued `age` days ago for `life` days, met by the scans from `first`
 * to `last` days ago. The leaf of today is certificate 3.
 */
#define PAST(n, age, life, first, last)                                                            \
    "INSERT INTO certificate (certificate_id, sha256, not_before_s, not_after_s) VALUES (" n       \
    ", unhex64(" n "), " NOW " - " age " * " DAY ", " NOW " + (" life " - " age ") * " DAY         \
    " - 1); INSERT INTO endpoint_leaf VALUES (1, " n ", " NOW " - " first " * " DAY ", " NOW       \
    " - " last " * " DAY ");"
/* Today's: issued `age` days ago for 90 days, first met when it was issued. */
#define TODAY(age)                                                                                 \
    LEAF("not_before_s = " NOW " - " age " * " DAY ", not_after_s = " NOW " + (90 - " age          \
         ") * " DAY " - 1")                                                                        \
    "INSERT INTO endpoint_leaf VALUES (1, 3, " NOW " - " age " * " DAY ", " NOW ");"
/* Renewed after 60 of 90 days, twice, when today's is `age` days old: a third was left. */
#define TWICE(age)                                                                                 \
    PAST("21", "(120 + " age ")", "90", "(120 + " age ")", "(61 + " age ")")                       \
    PAST("22", "(60 + " age ")", "90", "(60 + " age ")", "(1 + " age ")") TODAY(age)

static struct rule_case cases[] = {
    {"nothing was renewed yet", "renewal-stalled", TODAY("89"), -1, NULL},
    {"once is no habit", "renewal-stalled", PAST("22", "149", "90", "149", "90") TODAY("89"), -1,
     NULL},
    {"in time", "renewal-stalled", TWICE("60"), -1, NULL},
    {"late by a twentieth, not more", "renewal-stalled", TWICE("64"), -1, NULL},
    {"late", "renewal-stalled", TWICE("66"), 1,
     "leaf CN=www.example.org has 26 % of its lifetime left (23 days); the last 2 renewals came "
     "with 33, 33 % left, so the next was due by 2026-11-25"},
    {"the last day", "renewal-stalled", TWICE("89"), 1,
     "leaf CN=www.example.org has 1 % of its lifetime left (23 h); the last 2 renewals came with "
     "33, 33 % left, so the next was due by 2026-11-02"},
    {"after the end it is expired", "renewal-stalled", TWICE("90"), -1, NULL},
    {"the least of three counts", "renewal-stalled",
     PAST("20", "270", "90", "270", "201") TWICE("70"), -1, NULL},
    {"the least of three, missed as well", "renewal-stalled",
     PAST("20", "270", "90", "270", "201") TWICE("80"), 1,
     "leaf CN=www.example.org has 11 % of its lifetime left (9 days); the last 3 renewals came "
     "with 22, 33, 33 % left, so the next was due by 2026-11-21"},
    {"what is longer ago than three renewals is forgotten", "renewal-stalled",
     PAST("19", "320", "90", "320", "251") PAST("20", "250", "90", "250", "191") TWICE("70"), 1,
     NULL},
    {"who renewed after the end has no habit", "renewal-stalled",
     PAST("21", "200", "90", "200", "101") PAST("22", "100", "50", "100", "51")
         PAST("23", "50", "40", "50", "1") TODAY("0") LEAF("not_after_s = " NOW),
     -1, NULL},
    {"a longer lifetime keeps the share", "renewal-stalled",
     PAST("21", "900", "300", "900", "701") PAST("22", "700", "300", "700", "501")
         PAST("23", "500", "500", "500", "81") TODAY("80"),
     -1, NULL},
    {"replaced in its first tenth is no renewal", "renewal-stalled",
     PAST("21", "97", "90", "97", "94") PAST("22", "93", "90", "93", "90") TODAY("89"), -1, NULL},
    {"an older one put back is no renewal", "renewal-stalled",
     PAST("21", "200", "365", "200", "150") PAST("22", "300", "365", "149", "90") TODAY("89"), -1,
     NULL},
    {"machines by turns: what is still seen has no successor", "renewal-stalled",
     PAST("21", "150", "90", "150", "1") PAST("22", "120", "90", "120", "0") TODAY("70"), -1, NULL},
    {"machines by turns: each renews its own", "renewal-stalled",
     PAST("21", "190", "90", "190", "131") PAST("22", "160", "90", "160", "101")
         PAST("23", "130", "90", "130", "71") PAST("24", "100", "90", "100", "41") TODAY("70"),
     1, NULL},
    {"scans that paused met the renewal late, and take no share for more", "renewal-stalled",
     PAST("21", "180", "90", "180", "121") PAST("22", "120", "90", "95", "66") TODAY("60"), -1,
     NULL},
    {"a leaf without dates", "renewal-stalled",
     TWICE("89") LEAF("not_before_s = NULL, not_after_s = NULL"), -1, NULL},
    {"no certificate today", "renewal-stalled",
     TWICE("89") SEEN("leaf_id = NULL, presented_chain_id = NULL, verified_chain_id = NULL, "
                      "verified_depth = NULL"),
     -1, NULL},
};

/* ---- the view for people ---- */

static void assert_view(const char *spoil, const char *sql, const char *expected)
{
    struct tc_store *store = fixture_new();
    fixture_exec(store, spoil);
    char *text = fixture_text(store, sql);
    assert_string_equal(text, expected);
    free(text);
    tc_store_close(store);
}

static void the_view_says_habit_and_date(void **state)
{
    (void)state;
    assert_view(TWICE("30"),
                "SELECT host || ' ' || percent_left || ' ' || renewals || ' (' || "
                "percent_left_at_renewals || ') ' || expected_utc FROM v_renewal",
                "www.example.org 66.7 2 (33, 33) 2026-12-31 00:00:00");
}

static void the_view_has_who_renewed_once(void **state)
{
    (void)state;
    assert_view(PAST("22", "149", "90", "149", "90") TODAY("30"),
                "SELECT renewals || ' ' || percent_left_at_renewals FROM v_renewal", "1 -32");
    assert_view(TODAY("30"), "SELECT count(*) FROM v_renewal", "0");
}

/* ---- the table, as scans fill it ---- */

static void a_scan_that_ends_extends_the_tenure(void **state)
{
    (void)state;
    struct tc_store *store = fixture_new();
    struct tc_error error = {0};
    const struct tc_scan_end_record end = {
        .state = TC_SCAN_DONE, .finished_s = NOW_S + 60, .vantage = "", .notices = ""};
    assert_int_equal(tc_store_end_scan(store, 1, &end, &error), TC_OK);
    assert_int_equal(tc_store_end_scan(store, 1, &end, &error), TC_OK); /* as after --resume */
    fixture_exec(store, "INSERT INTO scan (scan_id, scan_uuid, profile, state, started_s, as_of_s, "
                        "tool_version, options_json, trust_store) VALUES (2, 'two', 'quick', "
                        "'running', " NOW " + 86400, " NOW ", '0', '{}', '');"
                        "INSERT INTO observation (scan_id, endpoint_id, observed_s, outcome_id, "
                        "leaf_id) VALUES (2, 1, 0, 0, 3);");
    assert_int_equal(tc_store_end_scan(store, 2, &end, &error), TC_OK);
    assert_int_equal(fixture_int(store, "SELECT count(*) FROM endpoint_leaf"), 1);
    assert_int_equal(fixture_int(store, "SELECT first_seen_s FROM endpoint_leaf"), NOW_S);
    assert_int_equal(fixture_int(store, "SELECT last_seen_s FROM endpoint_leaf"), NOW_S + 86400);
    tc_store_close(store);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases) + 3] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = check_rule;
        tests[i].initial_state = &cases[i];
    }
    const struct CMUnitTest others[] = {
        cmocka_unit_test(the_view_says_habit_and_date),
        cmocka_unit_test(the_view_has_who_renewed_once),
        cmocka_unit_test(a_scan_that_ends_extends_the_tenure),
    };
    memcpy(tests + TC_ARRAY_LEN(cases), others, sizeof others);
    return cmocka_run_group_tests_name("rules_renewal", tests, NULL, NULL);
}
