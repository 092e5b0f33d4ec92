#include "test_support.h"

#include <stdio.h>
#include <string.h>

#include "report/html_worst.h"

/* ---- the order ---- */

/* Two rows, given in both orders: the first is the worse one. */
static struct order_case {
    const char *name;
    struct html_top worse;
    const char *worse_endpoint;
    struct html_top milder;
    const char *milder_endpoint;
} order_cases[] = {
    {"order: the higher score", {.score = 2}, "b", {.score = 1}, "a"},
    {"order: a score past 63 bits", {.score = UINT64_MAX}, "b", {.score = 1}, "a"},
    {"order: of equal scores, what ends first",
     {.score = 1, .not_after_s = 5},
     "b",
     {.score = 1, .not_after_s = 6},
     "a"},
    {"order: what ended before 1970 ends first",
     {.score = 1, .not_after_s = INT64_MIN},
     "b",
     {.score = 1, .not_after_s = INT64_MAX},
     "a"},
    {"order: a score counts for more than an end",
     {.score = 2, .not_after_s = 9},
     "b",
     {.score = 1, .not_after_s = 1},
     "a"},
    {"order: of equal ends, by name",
     {.score = 1, .observation_id = 9},
     "a",
     {.score = 1, .observation_id = 1},
     "b"},
    {"order: of equal names, by observation",
     {.score = 1, .observation_id = 1},
     "a",
     {.score = 1, .observation_id = 2},
     "a"},
    {"order: without names, by observation",
     {.score = 1, .observation_id = 1},
     NULL,
     {.score = 1, .observation_id = 2},
     NULL},
    {"order: one name alone decides nothing",
     {.score = 1, .observation_id = 1},
     "b",
     {.score = 1, .observation_id = 2},
     NULL},
};

static void check_order(void **state)
{
    const struct order_case *row = *state;
    for (int turn = 0; turn < 2; turn++) {
        struct html_worst worst = {.max = 2};
        const struct html_top *first = turn == 0 ? &row->worse : &row->milder;
        const struct html_top *second = turn == 0 ? &row->milder : &row->worse;
        struct html_top marked = *first;
        marked.target_id = turn == 0 ? 1 : 2;
        assert_int_equal(
            html_worst_add(&worst, &marked, turn == 0 ? row->worse_endpoint : row->milder_endpoint),
            TC_OK);
        marked = *second;
        marked.target_id = turn == 0 ? 2 : 1;
        assert_int_equal(
            html_worst_add(&worst, &marked, turn == 0 ? row->milder_endpoint : row->worse_endpoint),
            TC_OK);
        html_worst_cut(&worst);
        assert_int_equal(worst.num, 2);
        assert_int_equal(worst.items[0].target_id, 1);
        assert_int_equal(worst.items[1].target_id, 2);
        html_worst_cleanup(&worst);
    }
}

/* ---- how many are kept ---- */

/* `num` rows whose scores run through 0 … num-1 in steps of `step`, modulo num. */
static struct keep_case {
    const char *name;
    size_t max;
    size_t num;
    size_t step; /* no factor of num */
} keep_cases[] = {
    {"keep: none of none", 0, 0, 1},
    {"keep: none at all", 0, 100, 1},
    {"keep: fewer than may be", 10, 9, 1},
    {"keep: just as many", 10, 10, 7},
    {"keep: one more", 10, 11, 1},
    {"keep: one of many, mildest first", 1, 1000, 1},
    {"keep: one of many, worst first", 1, 1000, 999},
    {"keep: some of many, mildest first", 50, 10000, 1},
    {"keep: some of many, worst first", 50, 10000, 9999},
    {"keep: some of many, mixed", 50, 10000, 7},
    {"keep: as many as the first room", 64, 1000, 3},
    {"keep: one more than that", 65, 1000, 3},
};

static void check_keep(void **state)
{
    const struct keep_case *row = *state;
    struct html_worst worst = {.max = row->max};
    size_t wanted = row->num < row->max ? row->num : row->max;
    for (size_t i = 0; i < row->num; i++) {
        size_t score = i * row->step % row->num;
        const struct html_top top = {.score = score, .target_id = (int64_t)score};
        assert_int_equal(html_worst_add(&worst, &top, "host:443"), TC_OK);
        /* Room doubles from 64, so up to four times the maximum is allocated. */
        assert_true(row->max == 0 || worst.capacity <= 64 || worst.capacity <= 4 * row->max);
    }
    html_worst_cut(&worst);
    assert_int_equal(worst.num, wanted);
    for (size_t i = 0; i < wanted; i++) {
        assert_int_equal(worst.items[i].target_id, row->num - 1 - i);
        assert_string_equal(worst.items[i].endpoint, "host:443");
    }
    html_worst_cleanup(&worst);
}

/* ---- single ways ---- */

static void equals_of_the_bar_are_still_compared_by_name(void **state)
{
    (void)state;
    struct html_worst worst = {.max = 2};
    char endpoint[8];
    for (int i = 0; i < 400; i++) {
        const struct html_top top = {.score = 1, .not_after_s = 7, .target_id = 400 - i};
        (void)snprintf(endpoint, sizeof endpoint, "h%03d", 400 - i);
        assert_int_equal(html_worst_add(&worst, &top, endpoint), TC_OK);
    }
    html_worst_cut(&worst);
    assert_int_equal(worst.num, 2);
    assert_string_equal(worst.items[0].endpoint, "h001");
    assert_string_equal(worst.items[1].endpoint, "h002");
    html_worst_cleanup(&worst);
}

static void a_name_is_copied(void **state)
{
    (void)state;
    struct html_worst worst = {.max = 1};
    char endpoint[] = "a:443";
    assert_int_equal(html_worst_add(&worst, &(struct html_top){.score = 1}, endpoint), TC_OK);
    endpoint[0] = 'b';
    assert_string_equal(worst.items[0].endpoint, "a:443");
    html_worst_cleanup(&worst);
}

static void cleanup_keeps_the_maximum_alone(void **state)
{
    (void)state;
    struct html_worst worst = {.max = 3};
    html_worst_cleanup(&worst); /* of the zero state */
    for (int i = 0; i < 200; i++) {
        assert_int_equal(html_worst_add(&worst, &(struct html_top){.score = 5}, NULL), TC_OK);
    }
    html_worst_cleanup(&worst);
    assert_int_equal(worst.max, 3);
    assert_int_equal(worst.num, 0);
    assert_null(worst.items);
    assert_false(worst.has_bar);
    /* A mild row is taken again: nothing is left of the bar. */
    assert_int_equal(html_worst_add(&worst, &(struct html_top){.score = 1}, NULL), TC_OK);
    assert_int_equal(worst.num, 1);
    html_worst_cleanup(&worst);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(order_cases) + TC_ARRAY_LEN(keep_cases) + 3] = {
        cmocka_unit_test(equals_of_the_bar_are_still_compared_by_name),
        cmocka_unit_test(a_name_is_copied),
        cmocka_unit_test(cleanup_keeps_the_maximum_alone),
    };
    size_t num = 3;
    for (size_t i = 0; i < TC_ARRAY_LEN(order_cases); i++) {
        tests[num++] = (struct CMUnitTest){.name = order_cases[i].name,
                                           .test_func = check_order,
                                           .initial_state = &order_cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(keep_cases); i++) {
        tests[num++] = (struct CMUnitTest){
            .name = keep_cases[i].name, .test_func = check_keep, .initial_state = &keep_cases[i]};
    }
    return cmocka_run_group_tests_name("html_worst", tests, NULL, NULL);
}
