#include "test_support.h"

#include <uv.h>

#include "scanner/limits.h"
#include "scanner/loop_lag.h"

#define NUM_THREADS 4
#define NUM_ROUNDS  20000

static void slots_are_never_more_than_the_limit(void **state)
{
    (void)state;
    struct tc_limits limits;
    tc_limits_init(&limits, 3, 1, 0);
    struct tc_slots slots = {.limits = &limits};
    assert_true(tc_slots_take(&slots));
    assert_true(tc_slots_take(&slots));
    assert_true(tc_slots_take(&slots));
    assert_false(tc_slots_take(&slots));
    assert_false(tc_slots_give(&slots));
    assert_true(tc_slots_take(&slots));
}

static void unused_slots_go_to_who_wants_them(void **state)
{
    (void)state;
    struct tc_limits limits;
    tc_limits_init(&limits, 4, 2, 0);
    struct tc_slots greedy = {.limits = &limits};
    struct tc_slots other = {.limits = &limits};
    for (int i = 0; i < 4; i++) { /* twice its share, as long as nobody else wants one */
        assert_true(tc_slots_take(&greedy));
    }
    assert_false(tc_slots_take(&other)); /* from now on it starves */
    assert_true(tc_slots_give(&greedy)); /* and must be told */
    assert_false(tc_slots_take(&greedy));
    assert_true(tc_slots_take(&other));
    assert_false(tc_slots_take(&other));
    assert_true(tc_slots_give(&greedy));
    assert_true(tc_slots_take(&other)); /* its share: it starves no more */
    assert_false(tc_slots_give(&greedy));
    assert_true(tc_slots_take(&greedy));
}

static void one_that_wants_nothing_does_not_starve(void **state)
{
    (void)state;
    struct tc_limits limits;
    tc_limits_init(&limits, 2, 2, 0);
    struct tc_slots greedy = {.limits = &limits};
    struct tc_slots other = {.limits = &limits};
    assert_true(tc_slots_take(&greedy));
    assert_true(tc_slots_take(&greedy));
    assert_false(tc_slots_take(&other));
    tc_slots_content(&other);
    tc_slots_content(&other);
    assert_false(tc_slots_give(&greedy));
    assert_true(tc_slots_take(&greedy));
}

static void a_slow_rate_is_spaced_evenly(void **state)
{
    (void)state;
    struct tc_limits limits;
    int64_t at_us = 0;
    tc_limits_init(&limits, 1, 1, 10);
    assert_true(tc_rate_take(&limits, 1000000, &at_us));
    assert_false(tc_rate_take(&limits, 1000001, &at_us));
    assert_int_equal(at_us, 1100000);
    assert_true(tc_rate_take(&limits, 1105000, &at_us)); /* what is missed is not made up */
    assert_false(tc_rate_take(&limits, 1204999, &at_us));
    assert_int_equal(at_us, 1205000);
}

static void a_right_that_is_handed_back_may_be_taken(void **state)
{
    (void)state;
    struct tc_limits limits;
    int64_t at_us = 0;
    tc_limits_init(&limits, 1, 1, 10);
    assert_true(tc_rate_take(&limits, 1000000, &at_us));
    tc_rate_give(&limits);
    assert_true(tc_rate_take(&limits, 1000000, &at_us));
    assert_false(tc_rate_take(&limits, 1000000, &at_us));
}

static void a_fast_rate_is_kept_by_a_slow_clock(void **state)
{
    (void)state;
    struct tc_limits limits;
    int64_t at_us = 0;
    unsigned num = 0;
    tc_limits_init(&limits, 1, 1, 10000);
    for (int64_t now_us = 5000000; now_us < 6000000; now_us += 1000) { /* by the millisecond */
        while (tc_rate_take(&limits, now_us, &at_us)) {
            num++;
        }
    }
    assert_in_range(num, 9900, 10060);
}

static void without_a_rate_all_may_go(void **state)
{
    (void)state;
    struct tc_limits limits;
    int64_t at_us = 0;
    tc_limits_init(&limits, 1, 1, 0);
    for (int i = 0; i < 100; i++) {
        assert_true(tc_rate_take(&limits, 1, &at_us));
    }
}

struct taker {
    struct tc_limits *limits;
    atomic_int *active;
    int worst;
};

static void take_many(void *context)
{
    struct taker *taker = context;
    struct tc_slots slots = {.limits = taker->limits};
    for (int i = 0; i < NUM_ROUNDS; i++) {
        if (!tc_slots_take(&slots)) {
            continue;
        }
        int active = atomic_fetch_add(taker->active, 1) + 1;
        taker->worst = active > taker->worst ? active : taker->worst;
        atomic_fetch_sub(taker->active, 1);
        (void)tc_slots_give(&slots);
    }
    tc_slots_content(&slots);
}

static void threads_share_the_slots(void **state)
{
    (void)state;
    struct tc_limits limits;
    atomic_int active = 0;
    struct taker takers[NUM_THREADS];
    uv_thread_t threads[NUM_THREADS];
    tc_limits_init(&limits, 2, NUM_THREADS, 0);
    for (size_t i = 0; i < NUM_THREADS; i++) {
        takers[i] = (struct taker){.limits = &limits, .active = &active};
        assert_int_equal(uv_thread_create(&threads[i], take_many, &takers[i]), 0);
    }
    for (size_t i = 0; i < NUM_THREADS; i++) {
        uv_thread_join(&threads[i]);
        assert_in_range(takers[i].worst, 0, 2);
    }
    assert_int_equal(limits.in_flight, 0);
    assert_int_equal(limits.starving, 0);
}

static void the_worst_lag_since_is_found(void **state)
{
    (void)state;
    struct tc_loop_lag lag = {.num = 0};
    assert_int_equal(tc_loop_lag_since(&lag, 0), 0);
    tc_loop_lag_note(&lag, 10, 5);
    tc_loop_lag_note(&lag, 20, 90);
    tc_loop_lag_note(&lag, 30, 40);
    tc_loop_lag_note(&lag, 40, 50);
    assert_int_equal(tc_loop_lag_since(&lag, 0), 90);
    assert_int_equal(tc_loop_lag_since(&lag, 20), 90);
    assert_int_equal(tc_loop_lag_since(&lag, 21), 50);
    assert_int_equal(tc_loop_lag_since(&lag, 40), 50);
    assert_int_equal(tc_loop_lag_since(&lag, 41), 0);
}

static void ever_smaller_lags_push_the_oldest_out(void **state)
{
    (void)state;
    struct tc_loop_lag lag = {.num = 0};
    for (int64_t i = 0; i < TC_LAG_PEAKS + 5; i++) {
        tc_loop_lag_note(&lag, i, 1000 - i);
    }
    assert_int_equal(lag.num, TC_LAG_PEAKS);
    assert_int_equal(tc_loop_lag_since(&lag, 10), 990);
    assert_int_equal(tc_loop_lag_since(&lag, 0), 995); /* the five worst are forgotten */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_never_more_than_the_limit),
        cmocka_unit_test(unused_slots_go_to_who_wants_them),
        cmocka_unit_test(one_that_wants_nothing_does_not_starve),
        cmocka_unit_test(a_slow_rate_is_spaced_evenly),
        cmocka_unit_test(a_right_that_is_handed_back_may_be_taken),
        cmocka_unit_test(a_fast_rate_is_kept_by_a_slow_clock),
        cmocka_unit_test(without_a_rate_all_may_go),
        cmocka_unit_test(threads_share_the_slots),
        cmocka_unit_test(the_worst_lag_since_is_found),
        cmocka_unit_test(ever_smaller_lags_push_the_oldest_out),
    };
    return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
