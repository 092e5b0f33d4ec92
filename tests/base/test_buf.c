#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "tlscensus/buf.h"

static void grows_and_stays_terminated(void **state)
{
    (void)state;
    struct tc_buf buf;
    tc_buf_init(&buf, 1000);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(tc_buf_addf(&buf, "%04d", i), TC_OK);
    }
    assert_int_equal(buf.len, 400);
    assert_string_equal(buf.data + 392, "00980099");
    tc_buf_cleanup(&buf);
    assert_null(buf.data);
}

static void keeps_its_maximum(void **state)
{
    (void)state;
    struct tc_buf buf;
    tc_buf_init(&buf, 4);
    assert_int_equal(tc_buf_add_str(&buf, "abcd"), TC_OK);
    assert_int_equal(tc_buf_add_char(&buf, 'e'), TC_ERR_LIMIT);
    assert_string_equal(buf.data, "abcd");
    tc_buf_clear(&buf);
    assert_int_equal(tc_buf_add_str(&buf, "abcde"), TC_ERR_LIMIT);
    assert_int_equal(tc_buf_add_str(&buf, "a"), TC_ERR_LIMIT); /* a failure sticks */
    assert_null(tc_buf_take(&buf));
}

static void hex_comes_in_two_shapes(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x04, 0xe1, 0xff};
    struct tc_buf buf;
    tc_buf_init(&buf, 64);
    assert_int_equal(tc_buf_add_hex(&buf, bytes, sizeof bytes, ':'), TC_OK);
    assert_string_equal(buf.data, "04:E1:FF");
    tc_buf_clear(&buf);
    assert_int_equal(tc_buf_add_hex(&buf, bytes, sizeof bytes, 0), TC_OK);
    assert_string_equal(buf.data, "04e1ff");
    tc_buf_cleanup(&buf);

    tc_buf_init(&buf, 5);
    assert_int_equal(tc_buf_add_hex(&buf, bytes, sizeof bytes, 0), TC_ERR_LIMIT);
    assert_int_equal(buf.len, 0); /* nothing of the piece */
    tc_buf_cleanup(&buf);
}

static void take_gives_text_even_when_empty(void **state)
{
    (void)state;
    struct tc_buf buf;
    tc_buf_init(&buf, 8);
    char *text = tc_buf_take(&buf);
    assert_string_equal(text, "");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(keeps_its_maximum),
        cmocka_unit_test(hex_comes_in_two_shapes),
        cmocka_unit_test(take_gives_text_even_when_empty),
    };
    return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
