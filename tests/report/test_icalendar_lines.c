#include "test_support.h"

#include <string.h>

#include "report/icalendar.h"

/* ---- folding ---- */

#define TEN     "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN
#define E_ACUTE "\xc3\xa9"
#define EURO    "\xe2\x82\xac"
#define SMILE   "\xf0\x9f\x98\x80"

static struct fold_case {
    const char *name;
    const char *line;
    const char *folded;
} fold_cases[] = {
    {"fold: a short line", "VERSION:2.0", "VERSION:2.0\r\n"},
    {"fold: an empty line", "", "\r\n"},
    {"fold: 75 octets stand", SEVENTY "12345", SEVENTY "12345\r\n"},
    {"fold: the 76th goes on", SEVENTY "123456", SEVENTY "12345\r\n 6\r\n"},
    {"fold: a line that goes on counts its space", SEVENTY "12345" SEVENTY "1234",
     SEVENTY "12345\r\n " SEVENTY "1234\r\n"},
    {"fold: twice", SEVENTY "12345" SEVENTY "12345", SEVENTY "12345\r\n " SEVENTY "1234\r\n 5\r\n"},
    {"fold: two octets that end at 75", SEVENTY "123" E_ACUTE, SEVENTY "123" E_ACUTE "\r\n"},
    {"fold: two octets over the edge move whole", SEVENTY "1234" E_ACUTE,
     SEVENTY "1234\r\n " E_ACUTE "\r\n"},
    {"fold: three octets, one over", SEVENTY "123" EURO, SEVENTY "123\r\n " EURO "\r\n"},
    {"fold: three octets, two over", SEVENTY "1234" EURO, SEVENTY "1234\r\n " EURO "\r\n"},
    {"fold: four octets, one over", SEVENTY "12" SMILE, SEVENTY "12\r\n " SMILE "\r\n"},
    {"fold: four octets, three over", SEVENTY "1234" SMILE, SEVENTY "1234\r\n " SMILE "\r\n"},
    {"fold: an escape may be cut, unfolding comes first", SEVENTY "1234\\n",
     SEVENTY "1234\\\r\n n\r\n"},
};

static void check_fold(void **state)
{
    const struct fold_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, 1000);
    tc_icalendar_line(&out, row->line, strlen(row->line));
    assert_string_equal(out.data, row->folded);
    tc_buf_cleanup(&out);
}

/* What is folded, unfolds to the same, and no line is too long: for every length and width. */
static void folding_loses_nothing(void **state)
{
    (void)state;
    static const char *const units[] = {"x", E_ACUTE, EURO, SMILE, "ab" SMILE};
    for (size_t u = 0; u < TC_ARRAY_LEN(units); u++) {
        struct tc_buf line;
        tc_buf_init(&line, 4000);
        for (size_t num = 1; num < 200; num++) {
            struct tc_buf folded;
            struct tc_buf unfolded;
            tc_buf_init(&folded, 8000);
            tc_buf_init(&unfolded, 8000);
            tc_buf_add_str(&line, units[u]);
            tc_icalendar_line(&folded, line.data, line.len);
            const char *at = folded.data;
            for (const char *end = strstr(at, "\r\n"); end != NULL; end = strstr(at, "\r\n")) {
                assert_true(end - at <= 75);
                tc_buf_add(&unfolded, at, (size_t)(end - at));
                at = end + 2;
                assert_true(*at == ' ' || *at == '\0');
                at += *at == ' ';
            }
            assert_int_equal(*at, '\0');
            assert_string_equal(unfolded.data, line.data);
            tc_buf_cleanup(&folded);
            tc_buf_cleanup(&unfolded);
        }
        tc_buf_cleanup(&line);
    }
}

/* ---- reminders ---- */

#define DAY_S 86400

static struct trigger_case {
    const char *name;
    int64_t lifetime_s;
    const char *trigger;
} trigger_cases[] = {
    {"trigger: a year", (int64_t)398 * DAY_S, "-P14D"},
    {"trigger: a third is 14 days", (int64_t)42 * DAY_S, "-P14D"},
    {"trigger: a second short of it", (int64_t)42 * DAY_S - 1, "-P13D"},
    {"trigger: six days, as Web PKI's shortest", (int64_t)6 * DAY_S, "-P2D"},
    {"trigger: three days", (int64_t)3 * DAY_S, "-P1D"},
    {"trigger: less than that, in hours", (int64_t)3 * DAY_S - 1, "-PT23H"},
    {"trigger: an hour's certificate", 3600, "-PT1H"},
    {"trigger: not known", 0, "-P14D"},
    {"trigger: ends before it begins", -1, "-P14D"},
    {"trigger: for ever", INT64_MAX, "-P14D"},
};

static void check_trigger(void **state)
{
    const struct trigger_case *row = *state;
    struct tc_buf out;
    tc_buf_init(&out, 100);
    tc_icalendar_trigger(&out, row->lifetime_s);
    assert_string_equal(out.data, row->trigger);
    tc_buf_cleanup(&out);
}

int main(void)
{
    enum { NUM_OTHERS = 1 };
    struct CMUnitTest tests[TC_ARRAY_LEN(fold_cases) + TC_ARRAY_LEN(trigger_cases) + NUM_OTHERS] = {
        cmocka_unit_test(folding_loses_nothing)};
    size_t num = NUM_OTHERS;
    ADD_ROWS(fold_cases, check_fold)
    ADD_ROWS(trigger_cases, check_trigger)
    return cmocka_run_group_tests_name("icalendar_lines", tests, NULL, NULL);
}
