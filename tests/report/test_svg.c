#include "test_support.h"

#include "report/svg.h"
#include "tlscensus/status.h"

/* ---- weeks ---- */

static struct week_case {
    const char *name;
    int64_t days;
    int week;
} week_cases[] = {
    {"week: long past", INT64_MIN, SVG_PAST_WEEK},
    {"week: yesterday", -1, SVG_PAST_WEEK},
    {"week: today", 0, 0},
    {"week: the last day of the first", 6, 0},
    {"week: the first day of the second", 7, 1},
    {"week: the last day on the axis", 223, 31},
    {"week: the first beyond it", 224, SVG_LATER_WEEK},
    {"week: far beyond it", INT64_MAX, SVG_LATER_WEEK},
};

static void check_week(void **state)
{
    const struct week_case *row = *state;
    assert_int_equal(svg_week(row->days), row->week);
}

/* ---- windows ---- */

static struct window_case {
    const char *name;
    int64_t days;
    int window;
} window_cases[] = {
    {"window: expired", -1, 0},    {"window: today", 0, 1},     {"window: day 7", 7, 1},
    {"window: day 8", 8, 2},       {"window: day 30", 30, 2},   {"window: day 31", 31, 3},
    {"window: day 60", 60, 3},     {"window: day 61", 61, 4},   {"window: day 90", 90, 4},
    {"window: day 91", 91, 5},     {"window: day 200", 200, 5}, {"window: day 201", 201, 6},
    {"window: far", INT64_MAX, 6},
};

static void check_window(void **state)
{
    const struct window_case *row = *state;
    assert_int_equal(svg_window(row->days), row->window);
}

/* ---- scales ---- */

static struct scale_case {
    const char *name;
    int64_t value;
    int64_t largest;
    int64_t length; /* of 1000 */
} scale_cases[] = {
    {"scale: nothing", 0, 10, 0},
    {"scale: below nothing", -3, 10, 0},
    {"scale: of nothing", 3, 0, 0},
    {"scale: half", 5, 10, 500},
    {"scale: rounds", 1, 3, 333},
    {"scale: all", 10, 10, 1000},
    {"scale: more than all", 11, 10, 1000},
    {"scale: numbers that would overflow a product", INT64_MAX / 2, INT64_MAX, 500},
};

static void check_scale(void **state)
{
    const struct scale_case *row = *state;
    assert_int_equal(svg_scale(row->value, row->largest, 1000), row->length);
}

static void check_bar(void **state)
{
    (void)state;
    assert_int_equal(svg_bar(0, 1000, 1000, 20), 0); /* nothing stays invisible */
    assert_int_equal(svg_bar(1, 1000, 1000, 20), 20);
    assert_int_equal(svg_bar(500, 1000, 1000, 20), 500);
}

static struct tick_case {
    const char *name;
    int64_t largest;
    int64_t tick;
} tick_cases[] = {
    {"tick: nothing to draw", 0, 1},
    {"tick: four", 4, 1},
    {"tick: five", 5, 2},
    {"tick: nine", 9, 2},
    {"tick: ten", 10, 5},
    {"tick: 24", 24, 5},
    {"tick: 25", 25, 10},
    {"tick: a hundred thousand", 100000, 50000},
};

static void check_tick(void **state)
{
    const struct tick_case *row = *state;
    assert_int_equal(svg_tick(row->largest), row->tick);
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
    ADD_CASES(week_cases, check_week)
    ADD_CASES(window_cases, check_window)
    ADD_CASES(scale_cases, check_scale)
    ADD_CASES(tick_cases, check_tick)
    tests[num++] = (struct CMUnitTest){.name = "bars that are seen", .test_func = check_bar};
    return _cmocka_run_group_tests("svg", tests, num, NULL, NULL);
}
