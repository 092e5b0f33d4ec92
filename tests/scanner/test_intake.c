#include "test_support.h"

#include <stdlib.h>
#include <uv.h>

#include "scanner/intake.h"

#define NUM_THREADS 4
#define NUM_MANY    20000

static struct tc_target *new_target(int64_t id)
{
    struct tc_target *target = calloc(1, sizeof *target);
    if (target == NULL) {
        abort();
    }
    target->target_id = id;
    return target;
}

static struct tc_intake *new_intake(size_t capacity, bool shuffled)
{
    struct tc_intake *intake = NULL;
    assert_int_equal(tc_intake_new(&intake, capacity, shuffled, 42), TC_OK);
    return intake;
}

static void push(struct tc_intake *intake, int64_t id)
{
    assert_int_equal(tc_intake_push(intake, new_target(id)), TC_OK);
}

/* -1 where there is none. */
static int64_t pull(struct tc_intake *intake)
{
    struct tc_target *target = tc_intake_pull(intake);
    int64_t id = target == NULL ? -1 : target->target_id;
    tc_target_free(target);
    return id;
}

static void as_given_keeps_the_order(void **state)
{
    (void)state;
    struct tc_intake *intake = new_intake(4, false);
    int64_t pushed = 0;
    for (int64_t pulled = 0; pulled < 20; pulled++) { /* five times round the ring */
        while (pushed < pulled + 3) {
            push(intake, pushed);
            pushed++;
        }
        assert_int_equal(pull(intake), pulled);
    }
    tc_intake_free(intake);
}

static void shuffled_gives_each_once_and_not_in_order(void **state)
{
    (void)state;
    enum { NUM = 1000 };
    struct tc_intake *intake = new_intake(NUM, true);
    bool seen[NUM] = {false};
    unsigned in_place = 0;
    for (int64_t i = 0; i < NUM; i++) {
        push(intake, i);
    }
    for (int64_t i = 0; i < NUM; i++) {
        int64_t id = pull(intake);
        assert_in_range(id, 0, NUM - 1);
        assert_false(seen[id]);
        seen[id] = true;
        in_place += id == i ? 1 : 0;
    }
    assert_in_range(in_place, 0, 20); /* one is expected */
    tc_intake_free(intake);
}

static void a_pull_never_waits(void **state)
{
    (void)state;
    struct tc_intake *intake = new_intake(4, true);
    assert_int_equal(pull(intake), -1);
    assert_false(tc_intake_is_drained(intake));
    push(intake, 1);
    tc_intake_close(intake);
    assert_false(tc_intake_is_drained(intake)); /* one is inside */
    assert_int_equal(pull(intake), 1);
    assert_true(tc_intake_is_drained(intake));
    assert_int_equal(tc_intake_num_pushed(intake), 1);
    tc_intake_free(intake);
}

static void cancelling_ends_all(void **state)
{
    (void)state;
    struct tc_intake *intake = new_intake(4, false);
    struct tc_target *refused = new_target(2);
    push(intake, 1);
    tc_intake_cancel(intake);
    assert_int_equal(tc_intake_push(intake, refused), TC_ERR_CANCELLED);
    tc_target_free(refused); /* it stayed ours */
    assert_int_equal(pull(intake), -1);
    assert_true(tc_intake_is_drained(intake));
    tc_intake_free(intake); /* and frees what is inside */
}

static void push_many(void *context)
{
    for (int64_t i = 0; i < NUM_MANY; i++) {
        struct tc_target *target = new_target(i);
        if (tc_intake_push(context, target) != TC_OK) {
            tc_target_free(target);
            return;
        }
    }
    tc_intake_close(context);
}

struct puller {
    struct tc_intake *intake;
    unsigned char *seen; /* one for each target; no two pullers get the same */
    uint64_t num;
};

static void pull_many(void *context)
{
    struct puller *puller = context;
    while (!tc_intake_is_drained(puller->intake)) {
        int64_t id = pull(puller->intake);
        if (id >= 0) {
            puller->seen[id]++;
            puller->num++;
        }
    }
}

static void a_full_window_holds_the_pusher_back(void **state)
{
    (void)state;
    static unsigned char seen[NUM_MANY];
    struct tc_intake *intake = new_intake(16, true);
    struct puller pullers[NUM_THREADS];
    uv_thread_t threads[NUM_THREADS];
    uv_thread_t pusher;
    uint64_t num = 0;
    assert_int_equal(uv_thread_create(&pusher, push_many, intake), 0);
    for (size_t i = 0; i < NUM_THREADS; i++) {
        pullers[i] = (struct puller){.intake = intake, .seen = seen};
        assert_int_equal(uv_thread_create(&threads[i], pull_many, &pullers[i]), 0);
    }
    for (size_t i = 0; i < NUM_THREADS; i++) {
        uv_thread_join(&threads[i]);
        num += pullers[i].num;
    }
    uv_thread_join(&pusher);
    assert_int_equal(num, NUM_MANY);
    for (size_t i = 0; i < NUM_MANY; i++) {
        assert_int_equal(seen[i], 1);
    }
    tc_intake_free(intake);
}

static void cancelling_frees_a_pusher_that_waits(void **state)
{
    (void)state;
    struct tc_intake *intake = new_intake(2, false);
    uv_thread_t pusher;
    assert_int_equal(uv_thread_create(&pusher, push_many, intake), 0);
    while (tc_intake_num_pushed(intake) < 2) {
    }
    tc_intake_cancel(intake);
    uv_thread_join(&pusher);
    assert_int_equal(tc_intake_num_pushed(intake), 2);
    tc_intake_free(intake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_given_keeps_the_order),
        cmocka_unit_test(shuffled_gives_each_once_and_not_in_order),
        cmocka_unit_test(a_pull_never_waits),
        cmocka_unit_test(cancelling_ends_all),
        cmocka_unit_test(a_full_window_holds_the_pusher_back),
        cmocka_unit_test(cancelling_frees_a_pusher_that_waits),
    };
    return cmocka_run_group_tests_name("intake", tests, NULL, NULL);
}
