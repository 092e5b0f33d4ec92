#include "test_support.h"

#include <stdio.h>

#include "report/other_chain_words.h"
#include "survey_fixture.h"
#include "tlscensus/status.h"

static struct survey_fixture fixture;

/* A row of report_other_chains.sql: what stands for chain_status, trusted, trust_detail,
 * name_match, end and SHA-256, and what is said of it. */
static struct words_case {
    const char *name;
    const char *columns;
    const char *words;
} words_cases[] = {
    {"all in order", "'complete', 1, NULL, 1, '2027-01-01 00:00:00', x'0a1b2c3d4e5f60'",
     "trusted, covers the name, chain complete, ends 2027-01-01, SHA-256 0a1b2c3d4e5f…"},
    {"not trusted, and why", "'no-path', 0, 'self-signed', 1, NULL, NULL",
     "not trusted: self-signed, covers the name, chain no-path"},
    {"not trusted without a reason", "NULL, 0, NULL, NULL, NULL, NULL", "not trusted"},
    {"for another name", "NULL, 1, NULL, 0, NULL, NULL", "trusted, does not cover the name"},
    {"nothing is known", "NULL, NULL, NULL, NULL, NULL, NULL", "trust not measured"},
    {"a reason without a verdict", "NULL, NULL, 'expired', NULL, NULL, NULL", "trust not measured"},
    {"a hash that is too short", "NULL, 1, NULL, NULL, NULL, x'0102030405'", "trusted"},
    {"a hash that just fits", "NULL, 1, NULL, NULL, NULL, x'010203040506'",
     "trusted, SHA-256 010203040506…"},
    {"a stranger's text commands no terminal", "char(27)||'[31m', 0, 'a'||char(10), 1, NULL, NULL",
     "not trusted: a\\u{000A}, covers the name, chain \\u{001B}[31m"},
};

static void check_words(void **state)
{
    const struct words_case *row = *state;
    struct html_arena arena = {0};
    struct tc_rows *rows = NULL;
    struct tc_error error = {{0}};
    char sql[512];
    (void)snprintf(sql, sizeof sql, "SELECT 'no-sni', 2, 3, %s", row->columns);
    assert_int_equal(tc_rows_open(&rows, fixture.store, sql, &error), TC_OK);
    assert_int_equal(tc_rows_next(rows, &error), TC_OK);
    assert_string_equal(tc_other_chain_role(rows), "no-sni");
    assert_string_equal(tc_other_chain_words(&arena, rows), row->words);
    tc_rows_close(rows);
    html_arena_cleanup(&arena);
}

static int setup(void **state)
{
    (void)state;
    survey_fixture_init(&fixture);
    survey_fixture_open(&fixture);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    survey_fixture_cleanup(&fixture);
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(words_cases)] = {{0}};
    for (size_t i = 0; i < TC_ARRAY_LEN(words_cases); i++) {
        tests[i] = (struct CMUnitTest){.name = words_cases[i].name,
                                       .test_func = check_words,
                                       .initial_state = &words_cases[i]};
    }
    return cmocka_run_group_tests_name("other_chain_words", tests, setup, teardown);
}
