#include "test_support.h"

#include <stdlib.h>

#include "scanner/timers.h"

#define NUM_MANY UINT64_C(1000)

static struct tc_timers g_timers;
static int64_t g_fired[NUM_MANY];
static size_t g_num_fired;

static void note(struct tc_timer *timer)
{
    g_fired[g_num_fired] = timer->at_us;
    g_num_fired++;
}

static void again(struct tc_timer *timer)
{
    note(timer);
    assert_int_equal(tc_timers_set(&g_timers, timer, timer->at_us), TC_OK);
}

static int set_up(void **state)
{
    (void)state;
    tc_timers_init(&g_timers);
    g_num_fired = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tc_timers_cleanup(&g_timers);
    return 0;
}

static void none_is_due_in_an_empty_heap(void **state)
{
    (void)state;
    int64_t at_us = 7;
    assert_false(tc_timers_next(&g_timers, &at_us));
    assert_int_equal(at_us, 7);
    tc_timers_run(&g_timers, INT64_MAX);
    assert_int_equal(g_num_fired, 0);
}

static void fire_in_order_and_only_when_due(void **state)
{
    (void)state;
    struct tc_timer timers[NUM_MANY] = {0};
    uint32_t random = 12345;
    for (size_t i = 0; i < NUM_MANY; i++) {
        random = random * 1664525U + 1013904223U;
        timers[i].fire = note;
        assert_int_equal(tc_timers_set(&g_timers, &timers[i], (random >> 8) % 5000), TC_OK);
    }
    tc_timers_run(&g_timers, 2499);
    assert_in_range(g_num_fired, 1, NUM_MANY - 1);
    assert_true(g_fired[g_num_fired - 1] <= 2499);
    int64_t next_us = 0;
    assert_true(tc_timers_next(&g_timers, &next_us));
    assert_true(next_us > 2499);
    tc_timers_run(&g_timers, 5000);
    assert_int_equal(g_num_fired, NUM_MANY);
    for (size_t i = 1; i < NUM_MANY; i++) {
        assert_true(g_fired[i - 1] <= g_fired[i]);
    }
}

static void moved_and_cancelled_ones_keep_the_order(void **state)
{
    (void)state;
    struct tc_timer timers[NUM_MANY] = {0};
    for (size_t i = 0; i < NUM_MANY; i++) {
        timers[i].fire = note;
        assert_int_equal(tc_timers_set(&g_timers, &timers[i], (int64_t)i), TC_OK);
    }
    for (size_t i = 0; i < NUM_MANY; i += 3) { /* every third one to the other end */
        assert_int_equal(tc_timers_set(&g_timers, &timers[i], (int64_t)(2 * NUM_MANY - i)), TC_OK);
    }
    for (size_t i = 1; i < NUM_MANY; i += 3) {
        tc_timers_cancel(&g_timers, &timers[i]);
        tc_timers_cancel(&g_timers, &timers[i]); /* once more does nothing */
    }
    tc_timers_run(&g_timers, 2 * NUM_MANY);
    assert_int_equal(g_num_fired, NUM_MANY - NUM_MANY / 3);
    for (size_t i = 1; i < g_num_fired; i++) {
        assert_true(g_fired[i - 1] <= g_fired[i]);
    }
}

static void one_that_arms_itself_for_the_past_fires_once_a_run(void **state)
{
    (void)state;
    struct tc_timer timer = {.fire = again};
    assert_int_equal(tc_timers_set(&g_timers, &timer, 10), TC_OK);
    tc_timers_run(&g_timers, 20);
    assert_int_equal(g_num_fired, 1);
    tc_timers_run(&g_timers, 20);
    assert_int_equal(g_num_fired, 2);
    tc_timers_cancel(&g_timers, &timer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(none_is_due_in_an_empty_heap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fire_in_order_and_only_when_due, set_up, tear_down),
        cmocka_unit_test_setup_teardown(moved_and_cancelled_ones_keep_the_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_that_arms_itself_for_the_past_fires_once_a_run, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests_name("timers", tests, NULL, NULL);
}
