#include "test_support.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "scanner/address_gate.h"

#define PAUSE_US    INT64_C(100000)
#define NUM_THREADS 4
#define NUM_ROUNDS  20000
#define NUM_KEYS    7

struct waiter {
    struct tc_gate_waiter place; /* first member */
    atomic_int calls;
    _Atomic int64_t at_us;
};

static void wake(struct tc_gate_waiter *place, int64_t at_us)
{
    struct waiter *waiter = (struct waiter *)(void *)place;
    atomic_store(&waiter->at_us, at_us);
    atomic_fetch_add(&waiter->calls, 1);
}

static struct tc_gate *new_gate(unsigned per_address, double address_rate)
{
    struct tc_gate *gate = NULL;
    struct tc_gate_options options = {
        .per_address = per_address, .address_rate = address_rate, .wake = wake};
    assert_int_equal(tc_gate_new(&gate, &options), TC_OK);
    return gate;
}

static struct tc_gate_key key_number(unsigned number)
{
    struct tc_gate_key key = {{0}};
    key.bytes[14] = (uint8_t)(number >> 8);
    key.bytes[15] = (uint8_t)number;
    return key;
}

static enum tc_gate_answer ask(struct tc_gate *gate, struct waiter *waiter, unsigned number,
                               int64_t now_us, struct tc_gate_address **permit, int64_t *at_us)
{
    struct tc_gate_key key = key_number(number);
    return tc_gate_ask(gate, &waiter->place, &key, 0, now_us, 0, permit, at_us);
}

/* One that wants to be alone, at address 1. */
static enum tc_gate_answer ask_alone(struct tc_gate *gate, struct waiter *waiter,
                                     struct tc_gate_address **permit)
{
    struct tc_gate_key key = key_number(1);
    int64_t at_us = 0;
    return tc_gate_ask(gate, &waiter->place, &key, 1, 0, 0, permit, &at_us);
}

static void permits_at_once_are_limited(void **state)
{
    (void)state;
    struct tc_gate *gate = new_gate(2, 0);
    struct waiter waiters[4] = {0};
    struct tc_gate_address *permits[4] = {NULL};
    int64_t at_us = 0;
    assert_int_equal(ask(gate, &waiters[0], 1, 0, &permits[0], &at_us), TC_GATE_GO);
    assert_int_equal(ask(gate, &waiters[1], 1, 0, &permits[1], &at_us), TC_GATE_GO);
    assert_int_equal(ask(gate, &waiters[2], 1, 0, &permits[2], &at_us), TC_GATE_QUEUED);
    assert_int_equal(ask(gate, &waiters[3], 2, 0, &permits[3], &at_us), TC_GATE_GO);
    assert_int_equal(waiters[2].calls, 0);
    tc_gate_release(gate, permits[0], 10);
    assert_int_equal(waiters[2].calls, 1);
    assert_int_equal(ask(gate, &waiters[2], 1, 10, &permits[2], &at_us), TC_GATE_GO);
    tc_gate_release(gate, permits[1], 10);
    tc_gate_release(gate, permits[2], 10);
    tc_gate_release(gate, permits[3], 10);
    assert_int_equal(tc_gate_count(gate), 0);
    tc_gate_free(gate);
}

static void permits_a_second_are_limited(void **state)
{
    (void)state;
    struct tc_gate *gate = new_gate(0, 10);
    struct waiter waiters[3] = {0};
    struct tc_gate_address *permit = NULL;
    int64_t at_us = 0;
    assert_int_equal(ask(gate, &waiters[0], 1, 0, &permit, &at_us), TC_GATE_GO);
    tc_gate_release(gate, permit, 1);
    assert_int_equal(ask(gate, &waiters[1], 1, 1, &permit, &at_us), TC_GATE_LATER);
    assert_int_equal(at_us, PAUSE_US);
    assert_int_equal(ask(gate, &waiters[2], 1, 2, &permit, &at_us), TC_GATE_QUEUED);
    assert_int_equal(ask(gate, &waiters[1], 1, PAUSE_US - 1, &permit, &at_us), TC_GATE_LATER);
    assert_int_equal(ask(gate, &waiters[2], 1, PAUSE_US, &permit, &at_us), TC_GATE_QUEUED);
    assert_int_equal(ask(gate, &waiters[1], 1, PAUSE_US, &permit, &at_us), TC_GATE_GO);
    assert_int_equal(waiters[2].calls, 1); /* the next one is told when */
    assert_int_equal(waiters[2].at_us, 2 * PAUSE_US);
    tc_gate_release(gate, permit, PAUSE_US);
    assert_int_equal(ask(gate, &waiters[2], 1, 2 * PAUSE_US, &permit, &at_us), TC_GATE_GO);
    tc_gate_release(gate, permit, 2 * PAUSE_US);
    tc_gate_free(gate);
}

static void the_pause_is_never_shortened(void **state)
{
    (void)state;
    struct tc_gate *gate = new_gate(0, 10);
    struct tc_gate_key key = key_number(1);
    for (uint32_t i = 0; i < 12; i++) {
        uint32_t spread = i * 333333333U;
        struct waiter first = {0};
        struct waiter second = {0};
        struct tc_gate_address *permit = NULL;
        int64_t at_us = 0;
        int64_t begin_us = (int64_t)i * 10 * PAUSE_US;
        assert_int_equal(
            tc_gate_ask(gate, &first.place, &key, 0, begin_us, spread, &permit, &at_us),
            TC_GATE_GO);
        tc_gate_release(gate, permit, begin_us);
        assert_int_equal(
            tc_gate_ask(gate, &second.place, &key, 0, begin_us, spread, &permit, &at_us),
            TC_GATE_LATER);
        assert_in_range(at_us - begin_us, PAUSE_US, PAUSE_US * 6 / 5);
        tc_gate_cancel(gate, &second.place, begin_us);
    }
    tc_gate_free(gate);
}

static void first_come_first_served(void **state)
{
    (void)state;
    enum { NUM = 20 };
    struct tc_gate *gate = new_gate(1, 0);
    struct waiter waiters[NUM] = {0};
    struct waiter late = {0};
    struct tc_gate_address *permit = NULL;
    struct tc_gate_address *none = NULL;
    int64_t at_us = 0;
    assert_int_equal(ask(gate, &waiters[0], 1, 0, &permit, &at_us), TC_GATE_GO);
    for (size_t i = 1; i < NUM; i++) {
        assert_int_equal(ask(gate, &waiters[i], 1, 0, &none, &at_us), TC_GATE_QUEUED);
    }
    for (size_t i = 1; i < NUM; i++) {
        tc_gate_release(gate, permit, 0);
        assert_int_equal(waiters[i].calls, 1);
        /* One that comes between the call and the question has to wait all the same. */
        assert_int_equal(ask(gate, &late, 1, 0, &none, &at_us), TC_GATE_QUEUED);
        assert_int_equal(ask(gate, &waiters[i], 1, 0, &permit, &at_us), TC_GATE_GO);
    }
    tc_gate_cancel(gate, &late.place, 0);
    tc_gate_release(gate, permit, 0);
    tc_gate_free(gate);
}

static void one_that_leaves_calls_the_next(void **state)
{
    (void)state;
    struct tc_gate *gate = new_gate(2, 10);
    struct waiter waiters[3] = {0};
    struct tc_gate_address *permit = NULL;
    int64_t at_us = 0;
    assert_int_equal(ask(gate, &waiters[0], 1, 0, &permit, &at_us), TC_GATE_GO);
    assert_int_equal(ask(gate, &waiters[1], 1, 0, &permit, &at_us), TC_GATE_LATER);
    assert_int_equal(ask(gate, &waiters[2], 1, 0, &permit, &at_us), TC_GATE_QUEUED);
    tc_gate_cancel(gate, &waiters[1].place, 0);
    assert_int_equal(waiters[2].calls, 1);
    assert_int_equal(waiters[2].at_us, PAUSE_US);
    tc_gate_cancel(gate, &waiters[2].place, 0);
    tc_gate_cancel(gate, &waiters[2].place, 0); /* once more does nothing */
    assert_int_equal(waiters[1].calls, 0);
    tc_gate_release(gate, permit, 0);
    tc_gate_free(gate);
}

static void one_that_wants_to_be_alone_waits_for_all(void **state)
{
    (void)state;
    static const unsigned k_limits[] = {0, 2, 5}; /* whatever --per-address says */
    for (size_t i = 0; i < TC_ARRAY_LEN(k_limits); i++) {
        struct tc_gate *gate = new_gate(k_limits[i], 0);
        struct waiter waiters[5] = {0};
        struct tc_gate_address *permits[5] = {NULL};
        int64_t at_us = 0;
        assert_int_equal(ask(gate, &waiters[0], 1, 0, &permits[0], &at_us), TC_GATE_GO);
        assert_int_equal(ask(gate, &waiters[1], 1, 0, &permits[1], &at_us), TC_GATE_GO);
        assert_int_equal(ask_alone(gate, &waiters[2], &permits[2]), TC_GATE_QUEUED);
        /* Those behind it wait too, although there is room for them: first come, first served. */
        assert_int_equal(ask(gate, &waiters[3], 1, 0, &permits[3], &at_us), TC_GATE_QUEUED);
        tc_gate_release(gate, permits[0], 0);
        assert_int_equal(waiters[2].calls, 0);
        assert_int_equal(ask_alone(gate, &waiters[2], &permits[2]), TC_GATE_QUEUED);
        tc_gate_release(gate, permits[1], 0);
        assert_int_equal(waiters[2].calls, 1);
        assert_int_equal(ask_alone(gate, &waiters[2], &permits[2]), TC_GATE_GO);
        assert_int_equal(waiters[3].calls, 1); /* it does not mind company */
        assert_int_equal(ask_alone(gate, &waiters[4], &permits[4]), TC_GATE_QUEUED);
        assert_int_equal(ask(gate, &waiters[3], 1, 0, &permits[3], &at_us), TC_GATE_GO);
        tc_gate_release(gate, permits[2], 0);
        assert_int_equal(waiters[4].calls, 0);
        tc_gate_release(gate, permits[3], 0);
        assert_int_equal(waiters[4].calls, 1);
        tc_gate_cancel(gate, &waiters[4].place, 0);
        assert_int_equal(tc_gate_count(gate), 0);
        tc_gate_free(gate);
    }
}

static void idle_addresses_are_forgotten(void **state)
{
    (void)state;
    enum { NUM = 20000 };
    struct tc_gate *gate = new_gate(2, 10);
    for (unsigned i = 0; i < NUM; i++) {
        struct waiter waiter = {0};
        struct tc_gate_address *permit = NULL;
        int64_t at_us = 0;
        int64_t now_us = (int64_t)i * 1000; /* a thousand addresses a second */
        assert_int_equal(ask(gate, &waiter, i, now_us, &permit, &at_us), TC_GATE_GO);
        tc_gate_release(gate, permit, now_us + 10);
    }
    assert_in_range(tc_gate_count(gate), 100, 400); /* those of the last tenth of a second */
    tc_gate_free(gate);
}

struct asker {
    struct tc_gate *gate;
    atomic_int *active; /* for each key */
    unsigned seed;
    int worst;
};

/* The clock of each thread runs as it asks; only the number of permits is checked. */
static void ask_many(void *context)
{
    struct asker *asker = context;
    uint32_t random = asker->seed;
    for (int64_t i = 0; i < NUM_ROUNDS; i++) {
        struct waiter waiter = {0};
        struct tc_gate_address *permit = NULL;
        int64_t at_us = 0;
        random = random * 1664525U + 1013904223U;
        unsigned number = (random >> 16) % NUM_KEYS;
        enum tc_gate_answer answer = ask(asker->gate, &waiter, number, i, &permit, &at_us);
        for (int tries = 0; answer != TC_GATE_GO && tries < 50; tries++) {
            answer = ask(asker->gate, &waiter, number, i, &permit, &at_us);
        }
        if (answer != TC_GATE_GO) {
            tc_gate_cancel(asker->gate, &waiter.place, i);
            continue;
        }
        int active = atomic_fetch_add(&asker->active[number], 1) + 1;
        asker->worst = active > asker->worst ? active : asker->worst;
        atomic_fetch_sub(&asker->active[number], 1);
        tc_gate_release(asker->gate, permit, i);
    }
}

static void threads_share_the_limits(void **state)
{
    (void)state;
    struct tc_gate *gate = new_gate(2, 0);
    atomic_int active[NUM_KEYS] = {0};
    struct asker askers[NUM_THREADS];
    uv_thread_t threads[NUM_THREADS];
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        askers[i] = (struct asker){.gate = gate, .seed = i + 1, .active = active};
        assert_int_equal(uv_thread_create(&threads[i], ask_many, &askers[i]), 0);
    }
    for (unsigned i = 0; i < NUM_THREADS; i++) {
        uv_thread_join(&threads[i]);
        assert_in_range(askers[i].worst, 1, 2);
    }
    assert_int_equal(tc_gate_count(gate), 0);
    tc_gate_free(gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permits_at_once_are_limited),
        cmocka_unit_test(permits_a_second_are_limited),
        cmocka_unit_test(the_pause_is_never_shortened),
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(one_that_leaves_calls_the_next),
        cmocka_unit_test(one_that_wants_to_be_alone_waits_for_all),
        cmocka_unit_test(idle_addresses_are_forgotten),
        cmocka_unit_test(threads_share_the_limits),
    };
    return cmocka_run_group_tests_name("address_gate", tests, NULL, NULL);
}
