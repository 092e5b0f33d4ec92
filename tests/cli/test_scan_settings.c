#include "test_support.h"

#include <string.h>

#include "cli/scan_settings.h"
#include "tlscensus/survey.h"

/* What is said on the command line, and what comes of it. */
static struct settings_case {
    const char *name;
    const char *arguments[10]; /* names and values in turn */
    enum tc_status status;
    const char *error; /* part of it; or NULL */
    enum tc_profile profile;
    unsigned max_connections; /* retries included */
    unsigned endpoint_timeout_ms;
    unsigned intrusive;
    bool keep_messages;
} settings_cases[] = {
    {"quick: one connection and a retry",
     {"profile", "quick"},
     TC_OK,
     NULL,
     TC_PROFILE_QUICK,
     2,
     60000,
     0,
     false},
    {"standard: 75, a retry among them",
     {"profile", "standard"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     75,
     120000,
     0,
     false},
    {"deep: 150, and all messages",
     {"profile", "deep"},
     TC_OK,
     NULL,
     TC_PROFILE_DEEP,
     150,
     240000,
     0,
     true},
    {"a budget below the profile's",
     {"profile", "standard", "connections-per-endpoint", "30"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     30,
     120000,
     0,
     false},
    {"a budget above it",
     {"profile", "standard", "connections-per-endpoint", "150"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     150,
     120000,
     0,
     false},
    {"quick needs no budget",
     {"profile", "quick", "connections-per-endpoint", "150"},
     TC_OK,
     NULL,
     TC_PROFILE_QUICK,
     2,
     60000,
     0,
     false},
    {"retries are inside the budget",
     {"profile", "standard", "retries", "3"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     75,
     120000,
     0,
     false},
    {"a time of one's own",
     {"profile", "standard", "endpoint-timeout", "90s"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     75,
     90000,
     0,
     false},
    {"0 is the profile's own time",
     {"profile", "deep", "endpoint-timeout", "0s"},
     TC_OK,
     NULL,
     TC_PROFILE_DEEP,
     150,
     240000,
     0,
     true},
    {"intrusive: one thing",
     {"profile", "standard", "intrusive", "ccs"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     77,
     120000,
     TC_INTRUSIVE_CCS,
     false},
    {"intrusive: several, one of them twice",
     {"profile", "deep", "intrusive", "renegotiation", "intrusive", "http-upgrade", "intrusive",
      "renegotiation"},
     TC_OK,
     NULL,
     TC_PROFILE_DEEP,
     153,
     240000,
     TC_INTRUSIVE_RENEGOTIATION | TC_INTRUSIVE_HTTP_UPGRADE,
     true},
    {"intrusive: all there is",
     {"profile", "standard", "intrusive", "renegotiation", "intrusive", "heartbeat", "intrusive",
      "ccs", "intrusive", "http-upgrade"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     82,
     120000,
     TC_INTRUSIVE_RENEGOTIATION | TC_INTRUSIVE_HEARTBEAT | TC_INTRUSIVE_CCS |
         TC_INTRUSIVE_HTTP_UPGRADE,
     false},
    {"intrusive: a budget of one's own has it inside",
     {"profile", "standard", "intrusive", "ccs", "connections-per-endpoint", "30"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     30,
     120000,
     TC_INTRUSIVE_CCS,
     false},
    {"intrusive: in no case an empty name",
     {"profile", "deep", "intrusive", ""},
     TC_ERR_INPUT,
     "must be one of",
     TC_PROFILE_DEEP,
     0,
     0,
     0,
     false},
    {"intrusive: nothing of that name",
     {"profile", "deep", "intrusive", "robot"},
     TC_ERR_INPUT,
     "must be one of",
     TC_PROFILE_DEEP,
     0,
     0,
     0,
     false},
    {"intrusive: a typo",
     {"profile", "deep", "intrusive", "renegotation"},
     TC_ERR_INPUT,
     "did you mean renegotiation?",
     TC_PROFILE_DEEP,
     0,
     0,
     0,
     false},
    {"intrusive: several in one word",
     {"profile", "deep", "intrusive", "ccs,heartbeat"},
     TC_ERR_INPUT,
     "must be one of",
     TC_PROFILE_DEEP,
     0,
     0,
     0,
     false},
    {"incremental: with the default profile",
     {"incremental", "true"},
     TC_OK,
     NULL,
     TC_PROFILE_STANDARD,
     75,
     120000,
     0,
     false},
    {"incremental: not in profile quick",
     {"profile", "quick", "incremental", "true"},
     TC_ERR_INPUT,
     "--incremental confirms a survey",
     TC_PROFILE_QUICK,
     0,
     0,
     0,
     false},
    {"intrusive: not in profile quick",
     {"profile", "quick", "intrusive", "heartbeat"},
     TC_ERR_INPUT,
     "--profile standard or deep",
     TC_PROFILE_QUICK,
     0,
     0,
     0,
     false},
    {"a budget past the highest",
     {"connections-per-endpoint", "151"},
     TC_ERR_INPUT,
     "between 0 and 150",
     TC_PROFILE_QUICK,
     0,
     0,
     0,
     false},
};

/* The command line's options one by one, then what only all of them together show. */
static enum tc_status read_settings(struct cli_scan_settings *settings,
                                    const struct settings_case *row, struct tc_error *error)
{
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    size_t num = cli_scan_options(rows, settings);
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(row->arguments) && row->arguments[i] != NULL; i += 2) {
        if (status == TC_OK) {
            status = cli_set(rows, num, row->arguments[i], row->arguments[i + 1], error);
        }
    }
    return status == TC_OK ? cli_scan_settings_check(settings, error) : status;
}

static void check_settings(void **state)
{
    const struct settings_case *row = *state;
    struct cli_scan_settings settings;
    struct tc_error error = {""};
    cli_scan_settings_init(&settings);
    assert_int_equal(read_settings(&settings, row, &error), row->status);
    if (row->error != NULL) {
        assert_non_null(strstr(error.text, row->error));
    }
    if (row->status == TC_OK) {
        const struct tc_scan_options limits = cli_scan_limits(&settings);
        assert_int_equal(limits.profile, row->profile);
        assert_int_equal(tc_scan_max_connections(&limits), row->max_connections);
        assert_int_equal(limits.endpoint_timeout_ms, row->endpoint_timeout_ms);
        assert_int_equal(limits.intrusive, row->intrusive);
        assert_int_equal(limits.keep_messages, row->keep_messages);
    }
    cli_scan_settings_cleanup(&settings);
}

/* ---- the filter ---- */

static struct filter_case {
    const char *name;
    const char *arguments[6]; /* names and values in turn */
    const char *error;        /* part of it; NULL for none */
    bool is_filter;
    bool is_for_once;
} filter_cases[] = {
    {"filter: a scan is none", {"db", "x.db"}, NULL, false, false},
    {"filter: without a database", {"format", "jsonl"}, NULL, true, true},
    {"filter: with one", {"format", "jsonl", "db", "x.db"}, NULL, true, false},
    {"filter: with one of the usual name",
     {"format", "jsonl", "db", "tlscensus.db"},
     NULL,
     true,
     false},
    {"filter: a file", {"format", "jsonl", "output", "x.jsonl"}, NULL, true, true},
    {"filter: a format said back", {"format", "jsonl", "format", "none"}, NULL, false, false},
    {"filter: a file and no format",
     {"output", "x.jsonl"},
     "-o x.jsonl: is for the lines of --format jsonl",
     false,
     false},
    {"filter: reports want a database",
     {"format", "jsonl", "output-dir", "x"},
     "--output-dir is for reports of a scan that is kept: with --format jsonl name the database",
     true,
     true},
    {"filter: and may have one",
     {"format", "jsonl", "output-dir", "x", "db", "x.db"},
     NULL,
     true,
     false},
    {"filter: changes want a history",
     {"format", "jsonl", "on-change", "/bin/true"},
     "--on-change compares with earlier scans",
     true,
     true},
};

static void check_filter(void **state)
{
    const struct filter_case *row = *state;
    struct cli_scan_settings settings;
    struct cli_option rows[CLI_SCAN_OPTIONS_MAX];
    struct tc_error error = {""};
    cli_scan_settings_init(&settings);
    size_t num = cli_scan_options(rows, &settings);
    assert_true(num <= CLI_SCAN_OPTIONS_MAX);
    for (size_t i = 0; i < TC_ARRAY_LEN(row->arguments) && row->arguments[i] != NULL; i += 2) {
        assert_int_equal(cli_set(rows, num, row->arguments[i], row->arguments[i + 1], &error),
                         TC_OK);
    }
    assert_int_equal(cli_scan_filter_check(&settings, &error),
                     row->error == NULL ? TC_OK : TC_ERR_INPUT);
    assert_non_null(strstr(error.text, row->error != NULL ? row->error : ""));
    assert_int_equal(cli_scan_is_filter(&settings), row->is_filter);
    assert_int_equal(cli_scan_is_for_once(&settings), row->is_for_once);
    cli_scan_settings_cleanup(&settings);
}

static void show_has_the_same_profiles(void **state)
{
    (void)state;
    struct cli_scan_settings settings;
    struct cli_option rows[CLI_SHOW_OPTIONS_MAX];
    struct tc_error error = {""};
    cli_scan_settings_init(&settings);
    size_t num = cli_show_options(rows, &settings);
    assert_true(num <= CLI_SHOW_OPTIONS_MAX);
    assert_int_equal(settings.profile, CLI_DEFAULT_PROFILE);
    assert_int_equal(cli_set(rows, num, "profile", "deep", &error), TC_OK);
    assert_int_equal(cli_set(rows, num, "intrusive", "ccs", &error), TC_OK);
    assert_int_equal(cli_scan_limits(&settings).profile, TC_PROFILE_DEEP);
    assert_int_equal(cli_scan_limits(&settings).intrusive, TC_INTRUSIVE_CCS);
    cli_scan_settings_cleanup(&settings);
}

#define NUM_CASES (TC_ARRAY_LEN(settings_cases) + TC_ARRAY_LEN(filter_cases))

int main(void)
{
    struct CMUnitTest tests[NUM_CASES + 1] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(settings_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = settings_cases[i].name,
                                           .test_func = check_settings,
                                           .initial_state = &settings_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(filter_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = filter_cases[i].name,
                                           .test_func = check_filter,
                                           .initial_state = &filter_cases[i]};
    }
    tests[num] = (struct CMUnitTest)cmocka_unit_test(show_has_the_same_profiles);
    return cmocka_run_group_tests_name("scan_settings", tests, NULL, NULL);
}
