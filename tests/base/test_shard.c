#include "test_support.h"

#include <stdio.h>
#include <string.h>

#include "tlscensus/shard.h"

/* ---- K/N ---- */

static const struct text_case {
    const char *name;
    const char *text;
    enum tc_status status;
    unsigned number; /* 0 where it fails: outputs stay untouched */
    unsigned total;
} k_text_cases[] = {
    {"the whole", "1/1", TC_OK, 1, 1},
    {"the last of eight", "8/8", TC_OK, 8, 8},
    {"the most there may be", "10000/10000", TC_OK, 10000, 10000},
    {"one past the last", "9/8", TC_ERR_RANGE, 0, 0},
    {"shards count from 1", "0/8", TC_ERR_RANGE, 0, 0},
    {"of none", "1/0", TC_ERR_RANGE, 0, 0},
    {"more than there may be", "1/10001", TC_ERR_RANGE, 0, 0},
    {"a number beyond all", "1/99999999999999999999", TC_ERR_RANGE, 0, 0},
    {"no total", "1", TC_ERR_MALFORMED, 0, 0},
    {"no total behind the slash", "1/", TC_ERR_MALFORMED, 0, 0},
    {"no number", "/8", TC_ERR_MALFORMED, 0, 0},
    {"nothing", "", TC_ERR_MALFORMED, 0, 0},
    {"a leading zero", "01/8", TC_ERR_MALFORMED, 0, 0},
    {"a sign", "+1/8", TC_ERR_MALFORMED, 0, 0},
    {"a blank", "1 /8", TC_ERR_MALFORMED, 0, 0},
    {"junk behind it", "1/8x", TC_ERR_MALFORMED, 0, 0},
    {"several", "1-2/8", TC_ERR_MALFORMED, 0, 0},
};

static void check_text(void **state)
{
    const struct text_case *row = *state;
    struct tc_shard shard = {0};
    assert_int_equal(tc_shard_parse(&shard, row->text), row->status);
    assert_int_equal(shard.number, row->number);
    assert_int_equal(shard.total, row->total);
}

/* ---- which shard ---- */

/* Computed once and written down: a scan's parts may be made by versions years apart. */
static const struct place_case {
    const char *name;
    enum tc_protocol protocol;
    const char *host;
    uint16_t port;
    unsigned of_8;
    unsigned of_1000;
} k_place_cases[] = {
    {"a web server", TC_PROTOCOL_HTTPS, "www.example.org", 443, 8, 878},
    {"another port", TC_PROTOCOL_HTTPS, "www.example.org", 8443, 1, 8},
    {"another protocol", TC_PROTOCOL_TLS, "www.example.org", 443, 8, 997},
    {"a mail server", TC_PROTOCOL_SMTP, "mx.example.org", 25, 6, 647},
    {"an address", TC_PROTOCOL_HTTPS, "192.0.2.7", 443, 2, 165},
    {"an address of IPv6", TC_PROTOCOL_HTTPS, "2001:db8::7", 443, 4, 388},
};

static void check_place(void **state)
{
    const struct place_case *row = *state;
    assert_int_equal(tc_shard_number(row->protocol, row->host, row->port, 8), row->of_8);
    assert_int_equal(tc_shard_number(row->protocol, row->host, row->port, 1000), row->of_1000);
    assert_int_equal(tc_shard_number(row->protocol, row->host, row->port, 1), 1);
}

/* Each target is in one shard, and none has much more than its share. */
static void parts_are_disjoint_and_even(void **state)
{
    (void)state;
    enum { TARGETS = 20000, SHARDS = 16 };
    unsigned counts[SHARDS + 1] = {0};
    for (unsigned i = 0; i < TARGETS; i++) {
        char host[64];
        snprintf(host, sizeof host, "www%u.example%u.org", i % 7, i);
        struct tc_target target = {.protocol = TC_PROTOCOL_HTTPS, .port = 443, .host = host};
        unsigned owners = 0;
        for (unsigned number = 1; number <= SHARDS; number++) {
            if (tc_shard_has(&(struct tc_shard){number, SHARDS}, &target)) {
                owners++;
                counts[number]++;
            }
        }
        assert_int_equal(owners, 1);
        assert_true(tc_shard_has(&(struct tc_shard){1, 1}, &target));
        assert_true(tc_shard_has(&(struct tc_shard){0}, &target));
    }
    for (unsigned number = 1; number <= SHARDS; number++) { /* 1,250 each: five deviations */
        assert_in_range(counts[number], 1080, 1420);
    }
}

/* ---- sets ---- */

static const struct set_case {
    const char *name;
    const char *text;
    enum tc_status status;
    const char *again; /* as it is written */
    const char *missing;
} k_set_cases[] = {
    {"a whole scan", "1/1", TC_OK, "1/1", ""},
    {"one shard", "3/8", TC_OK, "3/8", "1-2,4-8"},
    {"neighbours are a range", "1,2,3,5/8", TC_OK, "1-3,5/8", "4,6-8"},
    {"in any order, and twice", "5,1-3,2/8", TC_OK, "1-3,5/8", "4,6-8"},
    {"all of them", "1-8/8", TC_OK, "1-8/8", ""},
    {"the most there may be", "1-9999/10000", TC_OK, "1-9999/10000", "10000"},
    {"backwards", "3-1/8", TC_ERR_RANGE, NULL, NULL},
    {"past the last", "1,9/8", TC_ERR_RANGE, NULL, NULL},
    {"a range past the last", "7-9/8", TC_ERR_RANGE, NULL, NULL},
    {"zero", "0/8", TC_ERR_RANGE, NULL, NULL},
    {"a hole", "1,,2/8", TC_ERR_MALFORMED, NULL, NULL},
    {"an open range", "1-/8", TC_ERR_MALFORMED, NULL, NULL},
    {"nothing", "", TC_ERR_MALFORMED, NULL, NULL},
    {"no total", "1-3", TC_ERR_MALFORMED, NULL, NULL},
    {"junk", "1/8 ", TC_ERR_MALFORMED, NULL, NULL},
};

static void check_set(void **state)
{
    const struct set_case *row = *state;
    struct tc_shard_set set = {.total = 77};
    struct tc_buf text;
    assert_int_equal(tc_shard_set_parse(&set, row->text), row->status);
    if (row->status != TC_OK) {
        assert_int_equal(set.total, 77);
        return;
    }
    tc_buf_init(&text, 1000);
    tc_shard_set_add_text(&text, &set);
    assert_string_equal(text.data, row->again);
    tc_buf_clear(&text);
    tc_buf_add_str(&text, "");
    tc_shard_set_add_missing(&text, &set);
    assert_string_equal(text.data, row->missing);
    assert_int_equal(tc_shard_set_is_whole(&set), row->missing[0] == '\0');
    tc_buf_cleanup(&text);
}

static const struct join_case {
    const char *name;
    const char *set;
    const char *other;
    bool has;
    enum tc_status status;
    const char *joined;
} k_join_cases[] = {
    {"another shard", "1/4", "3/4", false, TC_OK, "1,3/4"},
    {"the same one", "3/4", "3/4", true, TC_OK, "3/4"},
    {"some of each", "1-2/4", "2-3/4", false, TC_OK, "1-3/4"},
    {"the last makes it whole", "1,2,4/4", "3/4", false, TC_OK, "1-4/4"},
    {"a whole has every part", "1/1", "3/4", true, TC_OK, "1/1"},
    {"all parts have the whole", "1-4/4", "1/1", true, TC_OK, "1-4/4"},
    {"a whole brings what is missing", "1-3/4", "1/1", false, TC_OK, "1-4/4"},
    {"parts of another number", "1/4", "3/8", false, TC_ERR_RANGE, "1/4"},
};

static void check_join(void **state)
{
    const struct join_case *row = *state;
    struct tc_shard_set set;
    struct tc_shard_set other;
    struct tc_buf text;
    assert_int_equal(tc_shard_set_parse(&set, row->set), TC_OK);
    assert_int_equal(tc_shard_set_parse(&other, row->other), TC_OK);
    assert_int_equal(tc_shard_set_has(&set, &other), row->has);
    assert_int_equal(tc_shard_set_join(&set, &other), row->status);
    tc_buf_init(&text, 100);
    tc_shard_set_add_text(&text, &set);
    assert_string_equal(text.data, row->joined);
    tc_buf_cleanup(&text);
}

static void the_first_is_found(void **state)
{
    (void)state;
    struct tc_shard_set set;
    assert_int_equal(tc_shard_set_parse(&set, "5,7/8"), TC_OK);
    assert_int_equal(tc_shard_set_first(&set), 5);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(k_text_cases) + TC_ARRAY_LEN(k_place_cases) +
                            TC_ARRAY_LEN(k_set_cases) + TC_ARRAY_LEN(k_join_cases) + 2] = {
        cmocka_unit_test(parts_are_disjoint_and_even),
        cmocka_unit_test(the_first_is_found),
    };
    size_t num = 2;
    ADD_ROWS(k_text_cases, check_text)
    ADD_ROWS(k_place_cases, check_place)
    ADD_ROWS(k_set_cases, check_set)
    ADD_ROWS(k_join_cases, check_join)
    return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
