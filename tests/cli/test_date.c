#include "test_support.h"

#include "cli/date.h"
#include "tlscensus/status.h"

static struct date_case {
    const char *name;
    const char *text;
    bool ok;
    int64_t seconds;
} date_cases[] = {
    {"the epoch", "1970-01-01", true, 0},
    {"a day", "2026-11-24", true, 1795478400},
    {"a leap day", "2024-02-29", true, 1709164800},
    {"a century's leap day", "2000-02-29", true, 951782400},
    {"before the epoch", "1969-12-31T23:59:59Z", true, -1},
    {"with a time", "2026-11-24T08:30:05Z", true, 1795509005},
    {"far away", "9999-12-31T23:59:59Z", true, 253402300799},
    {"no leap day in this year", "2026-02-29", false, 0},
    {"no leap day in this century", "1900-02-29", false, 0},
    {"month 13", "2026-13-01", false, 0},
    {"month 0", "2026-00-01", false, 0},
    {"day 0", "2026-01-00", false, 0},
    {"day 31 in April", "2026-04-31", false, 0},
    {"hour 24", "2026-04-30T24:00:00Z", false, 0},
    {"minute 60", "2026-04-30T23:60:00Z", false, 0},
    {"no zone", "2026-04-30T23:00:00", false, 0},
    {"another zone", "2026-04-30T23:00:00+01:00", false, 0},
    {"two digits of year", "26-04-30", false, 0},
    {"text behind", "2026-04-30x", false, 0},
    {"text behind the zone", "2026-04-30T23:00:00Zx", false, 0},
    {"slashes", "2026/04/30", false, 0},
    {"empty", "", false, 0},
    {"only a year", "2026", false, 0},
};

static void check_date(void **state)
{
    const struct date_case *row = *state;
    int64_t seconds = 0;
    assert_int_equal(cli_parse_date(&seconds, row->text), row->ok);
    if (row->ok) {
        assert_int_equal(seconds, row->seconds);
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(date_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(date_cases); i++) {
        tests[i].name = date_cases[i].name;
        tests[i].test_func = check_date;
        tests[i].initial_state = &date_cases[i];
    }
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
