#include "test_support.h"

#include <string.h>

#include "cli/options.h"

#define ARGS_MAX 8

/* What the table of these tests reads into. */
struct values {
    bool flag;
    const char *text;
    struct cli_list list;
    unsigned count;
    size_t bytes;
    double rate;
    unsigned timeout_ms;
    unsigned days;
    int64_t date_s;
    int64_t age_s;
    int choice;
};

static const char *const k_choices[] = {"quick", "standard", "deep", NULL};

static size_t make_rows(struct cli_option *rows, struct values *values)
{
    const struct cli_option table[] = {
        {.name = "flag", .letter = 'f', .type = CLI_FLAG, .value = &values->flag},
        {.name = "text", .letter = 't', .type = CLI_TEXT, .value = &values->text},
        {.name = "input", .letter = 'i', .type = CLI_LIST, .value = &values->list},
        {.name = "workers", .type = CLI_UNSIGNED, .value = &values->count, .min = 1, .max = 256},
        {.name = "max-read", .type = CLI_SIZE, .value = &values->bytes, .min = 1, .max = 1 << 30},
        {.name = "rate", .type = CLI_RATE, .value = &values->rate, .min = 0, .max = 1000},
        {.name = "timeout",
         .type = CLI_DURATION_MS,
         .value = &values->timeout_ms,
         .min = 1,
         .max = 3600000},
        {.name = "older-than",
         .type = CLI_AGE,
         .value = &values->age_s,
         .min = 3600,
         .max = 100 * 86400},
        {.name = "within", .type = CLI_DAYS, .value = &values->days, .min = 1, .max = 36500},
        {.name = "as-of", .type = CLI_DATE, .value = &values->date_s},
        {.name = "profile", .type = CLI_CHOICE, .value = &values->choice, .choices = k_choices},
    };
    memcpy(rows, table, sizeof table);
    return TC_ARRAY_LEN(table);
}

static enum tc_status parse(struct values *values, const char *const *args, int *out_first,
                            struct tc_error *error)
{
    struct cli_option rows[16];
    static char texts[ARGS_MAX][64]; /* what was parsed points into them afterwards */
    char *argv[ARGS_MAX + 1] = {NULL};
    int argc = 0;
    for (; args[argc] != NULL; argc++) {
        strncpy(texts[argc], args[argc], sizeof texts[argc] - 1);
        texts[argc][sizeof texts[argc] - 1] = '\0';
        argv[argc] = texts[argc];
    }
    return cli_parse(rows, make_rows(rows, values), argc, argv, out_first, error);
}

static struct bad_case {
    const char *name;
    const char *args[4];
    const char *message;
} bad_cases[] = {
    {"an unknown option names the nearest", {"scan", "--worker", "2"}, "--worker 2"},
    {"a typo", {"scan", "--profle=quick"}, "did you mean --profile?"},
    {"nothing near", {"scan", "--zzzzzz"}, "see tlscensus scan --help"},
    {"an unknown letter", {"scan", "-x"}, "-x: no such option"},
    {"a missing argument", {"scan", "--text"}, "an argument is missing"},
    {"an argument for a flag", {"scan", "--flag=yes"}, "takes no argument"},
    {"a number that is none", {"scan", "--workers", "two"}, "not a number"},
    {"a number with junk", {"scan", "--workers", "2x"}, "not a number"},
    {"a hexadecimal number", {"scan", "--workers", "0x10"}, "not a number"},
    {"infinity", {"scan", "--rate", "inf"}, "not a number"},
    {"a negative number", {"scan", "--rate", "-1"}, "not a number"},
    {"a fraction of a worker", {"scan", "--workers", "1.5"}, "whole number"},
    {"below the lowest", {"scan", "--workers", "0"}, "between 1 and 256"},
    {"above the highest", {"scan", "--workers", "257"}, "between 1 and 256"},
    {"a size with an unknown unit", {"scan", "--max-read", "1kB"}, "not a number"},
    {"a size past the end", {"scan", "--max-read", "2GiB"}, "between"},
    {"a duration with an unknown unit", {"scan", "--timeout", "5d"}, "not a duration"},
    {"no duration at all", {"scan", "--timeout", "0"}, "between 0.001 and 3600 seconds"},
    {"an age without a unit", {"scan", "--older-than", "90"}, "not an age such as 36h"},
    {"an age of minutes", {"scan", "--older-than", "90m"}, "not an age"},
    {"no age at all", {"scan", "--older-than", "0d"}, "between 1 and 2400 hours"},
    {"an age beyond all", {"scan", "--older-than", "15w"}, "and 2400 hours"},
    {"days in hours", {"scan", "--within", "48h"}, "not a number of days such as 30d"},
    {"days in part", {"scan", "--within", "1.5d"}, "whole number"},
    {"no day at all", {"scan", "--within=0d"}, "between 1 and 36500"},
    {"a date that is none", {"scan", "--as-of", "tomorrow"}, "not a date"},
    {"a choice that is none", {"scan", "--profile", "fast"}, "one of quick, standard, deep"},
    {"a choice with a typo", {"scan", "--profile", "quik"}, "did you mean quick?"},
};

static void check_bad(void **state)
{
    const struct bad_case *row = *state;
    struct values values = {.count = 7};
    struct tc_error error = {""};
    int first = -1;
    enum tc_status status = parse(&values, row->args, &first, &error);
    if (strcmp(row->args[1], "--worker") == 0) {
        assert_int_equal(status, TC_OK); /* getopt takes the unambiguous beginning of a name */
        assert_int_equal(values.count, 2);
    } else {
        assert_int_equal(status, TC_ERR_INPUT);
        assert_non_null(strstr(error.text, row->message));
        assert_int_equal(values.count, 7);
    }
    cli_list_cleanup(&values.list);
}

static void everything_is_read(void **state)
{
    (void)state;
    struct values values = {.flag = false};
    struct tc_error error = {""};
    int first = 0;
    const char *const args[] = {"scan",       "-ft",  "a",    "--timeout=1500ms",
                                "--max-read", "2MiB", "rest", NULL};
    assert_int_equal(parse(&values, args, &first, &error), TC_OK);
    assert_true(values.flag);
    assert_string_equal(values.text, "a");
    assert_int_equal(values.timeout_ms, 1500);
    assert_int_equal(values.bytes, 2 << 20);
    assert_int_equal(first, 6); /* "rest" */
}

static void days_may_be_weeks(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned days;
    } rows[] = {{"120d", 120}, {"30", 30}, {"2w", 14}, {"36500d", 36500}};
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        struct values values = {.flag = false};
        struct tc_error error = {""};
        int first = 0;
        const char *const args[] = {"scan", "--within", rows[i].text, NULL};
        assert_int_equal(parse(&values, args, &first, &error), TC_OK);
        assert_int_equal(values.days, rows[i].days);
    }
}

static void lists_grow_and_dates_are_read(void **state)
{
    (void)state;
    struct values values = {.flag = false};
    struct tc_error error = {""};
    int first = 0;
    const char *const args[] = {"scan", "-i", "a", "-i", "b", "--as-of=1970-01-02", NULL};
    assert_int_equal(parse(&values, args, &first, &error), TC_OK);
    assert_int_equal(values.list.num_items, 2);
    assert_int_equal(values.date_s, 86400);
    cli_list_cleanup(&values.list);
}

static void help_is_an_end_of_its_own(void **state)
{
    (void)state;
    struct values values = {.flag = false};
    struct tc_error error = {""};
    int first = 0;
    const char *const args[] = {"scan", "--help", NULL};
    assert_int_equal(parse(&values, args, &first, &error), TC_ERR_END);
}

/* What cli_option_value writes, cli_set reads back to the same. */
static void values_survive_text(void **state)
{
    (void)state;
    struct values values = {.flag = true,
                            .text = "x",
                            .count = 3,
                            .bytes = 65536,
                            .rate = 2.5,
                            .timeout_ms = 90500,
                            .age_s = 36 * 3600,
                            .days = 120,
                            .choice = 2};
    struct values again = {.flag = false};
    struct cli_option rows[16];
    struct cli_option rows_again[16];
    size_t num = make_rows(rows, &values);
    make_rows(rows_again, &again);
    struct tc_buf texts[16];
    for (size_t i = 0; i < num; i++) {
        tc_buf_init(&texts[i], 100);
        cli_option_value(&texts[i], &rows[i]);
        if (texts[i].len > 0) {
            assert_int_equal(cli_set(rows_again, num, rows[i].name, texts[i].data, NULL), TC_OK);
        }
    }
    assert_true(again.flag);
    assert_string_equal(again.text, "x");
    assert_int_equal(again.count, 3);
    assert_int_equal(again.bytes, 65536);
    assert_int_equal(again.timeout_ms, 90500);
    assert_int_equal(again.age_s, 36 * 3600);
    assert_int_equal(again.days, 120);
    assert_int_equal(again.choice, 2);
    assert_true(again.rate > 2.49 && again.rate < 2.51);
    for (size_t i = 0; i < num; i++) {
        tc_buf_cleanup(&texts[i]);
    }
}

static void nearest_finds_what_was_meant(void **state)
{
    (void)state;
    static const char *const names[] = {"scan", "report", "show", "inspect", "concurrency"};
    const size_t num = TC_ARRAY_LEN(names);
    assert_string_equal(cli_nearest("scna", names, num), "scan");
    assert_string_equal(cli_nearest("reprot", names, num), "report");
    assert_string_equal(cli_nearest("insepct", names, num), "inspect");
    assert_string_equal(cli_nearest("conc", names, num), "concurrency");
    assert_null(cli_nearest("xyzzy", names, num));
    assert_null(cli_nearest("", names, num));
}

int main(void)
{
    enum { NUM_OTHERS = 6 };
    struct CMUnitTest tests[TC_ARRAY_LEN(bad_cases) + NUM_OTHERS] = {
        cmocka_unit_test(everything_is_read),
        cmocka_unit_test(days_may_be_weeks),
        cmocka_unit_test(lists_grow_and_dates_are_read),
        cmocka_unit_test(help_is_an_end_of_its_own),
        cmocka_unit_test(values_survive_text),
        cmocka_unit_test(nearest_finds_what_was_meant),
    };
    size_t num = NUM_OTHERS;
    ADD_ROWS(bad_cases, check_bad)
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
