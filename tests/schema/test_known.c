/* What the writer keeps in memory: remembered ids and the queue, both with an end. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "schema/known.h"
#include "schema/queue.h"

static void key_of(uint8_t out[TC_SHA256_BYTES], int n)
{
    SHA256((const uint8_t *)&n, sizeof n, out);
}

static void test_found_again(void **state)
{
    (void)state;
    struct tc_known known;
    uint8_t key[TC_SHA256_BYTES];
    assert_int_equal(tc_known_init(&known, 1024), TC_OK);
    for (int n = 1; n <= 100; n++) {
        key_of(key, n);
        assert_int_equal(tc_known_get(&known, key), 0);
        tc_known_put(&known, key, n);
    }
    for (int n = 1; n <= 100; n++) {
        key_of(key, n);
        assert_int_equal(tc_known_get(&known, key), n);
    }
    tc_known_cleanup(&known);
    tc_known_cleanup(&known); /* the zero state */
}

/* Far more than it holds: never a wrong id, and what was put last is there. */
static void test_old_ones_make_room(void **state)
{
    (void)state;
    struct tc_known known;
    uint8_t key[TC_SHA256_BYTES];
    int num_found = 0;
    assert_int_equal(tc_known_init(&known, 64), TC_OK);
    for (int n = 1; n <= 5000; n++) {
        key_of(key, n);
        tc_known_put(&known, key, n);
        assert_int_equal(tc_known_get(&known, key), n);
    }
    for (int n = 1; n <= 5000; n++) {
        key_of(key, n);
        int64_t id = tc_known_get(&known, key);
        assert_true(id == 0 || id == n);
        num_found += id != 0;
    }
    assert_int_equal(num_found, 64);
    tc_known_cleanup(&known);
}

/* Keys that a peer made to fall into one place: they push each other out, and nothing else. */
static void test_one_place(void **state)
{
    (void)state;
    struct tc_known known;
    uint8_t key[TC_SHA256_BYTES] = {0};
    uint8_t other[TC_SHA256_BYTES] = {1};
    assert_int_equal(tc_known_init(&known, 64), TC_OK);
    tc_known_put(&known, other, 77);
    for (int n = 1; n <= 100; n++) {
        memcpy(key + 16, &n, sizeof n);
        tc_known_put(&known, key, n);
    }
    assert_int_equal(tc_known_get(&known, other), 77);
    assert_int_equal(tc_known_get(&known, key), 100);
    tc_known_cleanup(&known);
}

static struct tc_queue_message message_of(size_t n)
{
    struct tc_queue_message message = {.kind = TC_MESSAGE_OBSERVATION};
    message.content.observation = (struct tc_observation *)(uintptr_t)n;
    return message;
}

static void test_first_in_first_out(void **state)
{
    (void)state;
    struct tc_queue queue = {0};
    struct tc_queue_message out[64];
    size_t next_in = 1;
    size_t next_out = 1;
    for (int round = 0; round < 200; round++) { /* grows while it is wrapped around */
        for (int i = 0; i < 40 + round % 7; i++) {
            assert_int_equal(tc_queue_push(&queue, message_of(next_in++)), TC_OK);
        }
        size_t num = tc_queue_take(&queue, out, 37);
        for (size_t i = 0; i < num; i++) {
            assert_int_equal((uintptr_t)out[i].content.observation, next_out++);
        }
    }
    while (tc_queue_take(&queue, out, 1) == 1) {
        assert_int_equal((uintptr_t)out[0].content.observation, next_out++);
    }
    assert_int_equal(next_out, next_in);
    assert_int_equal(tc_queue_take(&queue, out, 64), 0);
    tc_queue_cleanup(&queue);
}

static void test_queue_has_an_end(void **state)
{
    (void)state;
    struct tc_queue queue = {0};
    size_t num = 0;
    enum tc_status status = TC_OK;
    while ((status = tc_queue_push(&queue, message_of(num + 1))) == TC_OK) {
        num++;
    }
    assert_int_equal(status, TC_ERR_LIMIT);
    assert_int_equal(num, 1U << 20);
    tc_queue_cleanup(&queue);
}

static void test_rejection_is_copied(void **state)
{
    (void)state;
    char file[] = "hosts.csv";
    char text[] = "a:70000";
    char reason[] = "port 70000 is above 65535";
    const struct tc_rejection rejection = {file, 41, text, reason};
    struct tc_rejection *copy = tc_rejection_copy(&rejection);
    memset(file, 'x', sizeof file - 1);
    memset(text, 'x', sizeof text - 1);
    memset(reason, 'x', sizeof reason - 1);
    assert_string_equal(copy->file, "hosts.csv");
    assert_string_equal(copy->text, "a:70000");
    assert_string_equal(copy->reason, "port 70000 is above 65535");
    assert_int_equal(copy->line, 41);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_found_again),      cmocka_unit_test(test_old_ones_make_room),
        cmocka_unit_test(test_one_place),        cmocka_unit_test(test_first_in_first_out),
        cmocka_unit_test(test_queue_has_an_end), cmocka_unit_test(test_rejection_is_copied),
    };
    return cmocka_run_group_tests_name("known", tests, NULL, NULL);
}
