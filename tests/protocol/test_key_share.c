#include "test_support.h"

#include <string.h>

#include "tlscensus/hello.h"

#define MLKEM_Q 3329

/*
 * Where the encapsulation key's coefficients lie: FIPS 203 section 7.2 wants each below q, and a
 * server that finds another one refuses the share.
 */
static struct share_case {
    const char *name;
    uint16_t group;
    size_t len;
    size_t coefficients_at;
    size_t num_coefficients;
} share_cases[] = {
    {"share: X25519, RFC 7748", 29, 32, 0, 0},
    {"share: X448, RFC 7748", 30, 56, 0, 0},
    {"share: MLKEM512", 0x0200, 800, 0, 512},
    {"share: MLKEM768", 0x0201, 1184, 0, 768},
    {"share: MLKEM1024", 0x0202, 1568, 0, 1024},
    {"share: X25519MLKEM768 begins with ML-KEM", 0x11ec, 1216, 0, 768},
    {"share: X25519Kyber768Draft00 begins with X25519", 0x6399, 1216, 32, 768},
    {"share: P-256 needs arithmetic", 23, 0, 0, 0},
    {"share: P-521 needs arithmetic", 25, 0, 0, 0},
    {"share: SecP256r1MLKEM768 needs arithmetic", 0x11eb, 0, 0, 0},
    {"share: SecP384r1MLKEM1024 needs arithmetic", 0x11ed, 0, 0, 0},
    {"share: ffdhe2048 needs arithmetic", 0x0100, 0, 0, 0},
    {"share: GREASE is no group", 0x0a0a, 0, 0, 0},
    {"share: group 0", 0, 0, 0, 0},
};

/* Pairs of 12 bits in three bytes, the low bits first. */
static unsigned coefficient(const uint8_t *bytes, size_t index)
{
    const uint8_t *pair = bytes + index / 2 * 3;
    unsigned bits = pair[0] | (unsigned)pair[1] << 8 | (unsigned)pair[2] << 16;
    return index % 2 == 0 ? bits & 0xfffU : bits >> 12;
}

static void check_coefficients(const struct share_case *row, const uint8_t *share)
{
    unsigned highest = 0;
    for (size_t i = 0; i < row->num_coefficients; i++) {
        unsigned value = coefficient(share + row->coefficients_at, i);
        assert_in_range(value, 0, MLKEM_Q - 1);
        highest = value > highest ? value : highest;
    }
    /* They fill their range: 512 that all miss its upper half would be no accident. */
    assert_true(row->num_coefficients == 0 || highest > MLKEM_Q / 2);
}

static void check_share(void **state)
{
    const struct share_case *row = *state;
    for (uint64_t seed = 0; seed < 32; seed++) {
        uint8_t share[2048];
        memset(share, 0xee, sizeof share);
        assert_int_equal(tc_key_share_fill(share, sizeof share, row->group, seed), row->len);
        for (size_t i = row->len; i < sizeof share; i++) {
            assert_int_equal(share[i], 0xee);
        }
        check_coefficients(row, share);
    }
}

static void check_seed(void **state)
{
    const struct share_case *row = *state;
    uint8_t first[2048] = {0};
    uint8_t second[2048] = {0};
    (void)tc_key_share_fill(first, sizeof first, row->group, 7);
    (void)tc_key_share_fill(second, sizeof second, row->group, 7);
    assert_memory_equal(first, second, sizeof first);
    (void)tc_key_share_fill(second, sizeof second, row->group, 8);
    assert_int_equal(memcmp(first, second, sizeof first) == 0, row->len == 0);
}

static void check_room(void **state)
{
    const struct share_case *row = *state;
    uint8_t share[2048];
    memset(share, 0xee, sizeof share);
    if (row->len > 0) {
        assert_int_equal(tc_key_share_fill(share, row->len - 1, row->group, 7), 0);
        assert_int_equal(share[0], 0xee);
        assert_int_equal(tc_key_share_fill(share, row->len, row->group, 7), row->len);
    } else {
        assert_int_equal(tc_key_share_fill(share, 0, row->group, 7), 0);
    }
}

int main(void)
{
    struct CMUnitTest tests[3 * TC_ARRAY_LEN(share_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(share_cases); i++) {
        struct CMUnitTest *three = tests + 3 * i;
        three[0] = (struct CMUnitTest){share_cases[i].name, check_share, NULL, NULL, NULL};
        three[1] = (struct CMUnitTest){share_cases[i].name, check_seed, NULL, NULL, NULL};
        three[2] = (struct CMUnitTest){share_cases[i].name, check_room, NULL, NULL, NULL};
        for (size_t k = 0; k < 3; k++) {
            three[k].initial_state = &share_cases[i];
        }
    }
    return cmocka_run_group_tests_name("key_share", tests, NULL, NULL);
}
