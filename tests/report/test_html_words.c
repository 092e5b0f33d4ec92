#include "test_support.h"

#include <string.h>

#include "report/html_words.h"
#include "tlscensus/status.h"

#define DAYS(number) ((int64_t)(number)*SECONDS_PER_DAY)

/* ---- days left ---- */

static struct left_case {
    const char *name;
    int64_t days;
    const char *words;
} left_cases[] = {
    {"left: long past", -1402, "expired 1,402 d ago"},
    {"left: yesterday", -1, "expired 1 d ago"},
    {"left: the last day is no whole one", 0, "in < 1 d"},
    {"left: one", 1, "in 1 d"},
    {"left: the last that is said in days", 729, "in 729 d"},
    {"left: the first that is said in years", 730, "in 1.9 y"},
    {"left: a root", 3652, "in 9.9 y"},
};

static void check_left(void **state)
{
    const struct left_case *row = *state;
    char words[HTML_WORDS];
    assert_string_equal(html_words_left(words, row->days), row->words);
}

/* ---- days between two instants ---- */

static struct between_case {
    const char *name;
    int64_t seconds;
    int64_t days;
} between_cases[] = {
    {"between: nothing", 0, 0},
    {"between: a second short of a day", SECONDS_PER_DAY - 1, 0},
    {"between: a day", SECONDS_PER_DAY, 1},
    {"between: a second past the end rounds down", -1, -1},
    {"between: a whole day past the end", -SECONDS_PER_DAY, -1},
    {"between: a second more", -SECONDS_PER_DAY - 1, -2},
};

static void check_between(void **state)
{
    const struct between_case *row = *state;
    assert_int_equal(html_days_between(1795399204, 1795399204 + row->seconds), row->days);
}

/* ---- how near the end ---- */

static struct tone_case {
    const char *name;
    int64_t life_s;
    int64_t left_s;
    const char *tone;
} tone_cases[] = {
    {"tone: past the end", DAYS(90), -1, "crit"},
    {"tone: the end itself is not past it", DAYS(90), 0, "high"},
    {"tone: 398 days, under 3 d", DAYS(398), DAYS(3) - 1, "high"},
    {"tone: 398 days, 3 d", DAYS(398), DAYS(3), "med"},
    {"tone: 398 days, under 14 d", DAYS(398), DAYS(14) - 1, "med"},
    {"tone: 398 days, 14 d", DAYS(398), DAYS(14), "ok"},
    {"tone: 47 days, under 7.8 d", DAYS(47), DAYS(47) / 6 - 1, "med"},
    {"tone: 47 days, 7.8 d", DAYS(47), DAYS(47) / 6, "ok"},
    {"tone: 160 hours, 41 h are fine", 160 * 3600, 41 * 3600, "ok"},
    {"tone: 160 hours, 39 h", 160 * 3600, 39 * 3600, "med"},
    {"tone: 160 hours, 19 h", 160 * 3600, 19 * 3600, "high"},
    {"tone: ten days belong to the short ones", DAYS(10), DAYS(2), "med"},
    {"tone: no lifetime known, some time left", 0, 5, "ok"},
};

static void check_tone(void **state)
{
    const struct tone_case *row = *state;
    assert_string_equal(html_expiry_tone(row->life_s, row->left_s), row->tone);
}

/* ---- numbers ---- */

static struct number_case {
    const char *name;
    int64_t number;
    const char *words;
} number_cases[] = {
    {"count: nothing", 0, "0"},
    {"count: three digits have no comma", 999, "999"},
    {"count: four have one", 1000, "1,000"},
    {"count: seven have two", 1234567, "1,234,567"},
    {"count: below nothing", -1234, "-1,234"},
    {"count: three digits below nothing", -123, "-123"},
};

static void check_number(void **state)
{
    const struct number_case *row = *state;
    char words[HTML_WORDS];
    assert_string_equal(html_words_count(words, row->number), row->words);
}

static struct share_case {
    const char *name;
    int64_t part;
    int64_t whole;
    const char *words;
} share_cases[] = {
    {"share: of nothing is nothing", 3, 0, ""},
    {"share: none", 0, 7, "0%"},
    {"share: rounds to the nearest", 2, 3, "67%"},
    {"share: a little is not none", 1, 1000, "<1%"},
    {"share: almost all is not all", 999, 1000, ">99%"},
    {"share: all", 7, 7, "100%"},
};

static void check_share(void **state)
{
    const struct share_case *row = *state;
    char words[HTML_WORDS];
    assert_string_equal(html_words_share(words, row->part, row->whole), row->words);
}

static void check_times(void **state)
{
    char words[HTML_WORDS];
    (void)state;
    assert_string_equal(html_words_ms(words, 0), "0.0");
    assert_string_equal(html_words_ms(words, 49), "0.0");
    assert_string_equal(html_words_ms(words, 50), "0.1");
    assert_string_equal(html_words_ms(words, 1234567), "1,234.6");
    assert_string_equal(html_words_time(words, 1795399204), "2026-11-23 02:00:04");
    assert_string_equal(html_words_date(words, -1), "1969-12-31");
    assert_string_equal(html_words_date(words, INT64_MAX), "?"); /* no such year */
}

static void check_used(void **state)
{
    (void)state;
    assert_int_equal(html_life_used(0, 5), 100);
    assert_int_equal(html_life_used(DAYS(90), -5), 100);
    assert_int_equal(html_life_used(DAYS(90), DAYS(90)), 1);
    assert_int_equal(html_life_used(DAYS(90), DAYS(900)), 1); /* not yet valid */
    assert_int_equal(html_life_used(DAYS(100), DAYS(50)), 49);
}

#define ADD_CASES(cases, check)                                                                    \
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {                                             \
        tests[num++] = (struct CMUnitTest){                                                        \
            .name = (cases)[i].name, .test_func = (check), .initial_state = &(cases)[i]};          \
    }

int main(void)
{
    struct CMUnitTest tests[64] = {{0}};
    size_t num = 0;
    ADD_CASES(left_cases, check_left)
    ADD_CASES(between_cases, check_between)
    ADD_CASES(tone_cases, check_tone)
    ADD_CASES(number_cases, check_number)
    ADD_CASES(share_cases, check_share)
    tests[num++] = (struct CMUnitTest){.name = "times", .test_func = check_times};
    tests[num++] = (struct CMUnitTest){.name = "part of a lifetime", .test_func = check_used};
    return _cmocka_run_group_tests("html_words", tests, num, NULL, NULL);
}
