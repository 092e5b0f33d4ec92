#include "test_support.h"

#include <assert.h>
#include <string.h>

#include "hex.h"
#include "tlscensus/hello.h"

#define RANDOM_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define UNTOUCHED  0xee

static void hello_begin(struct tc_hello *hello, uint16_t record_version, uint16_t legacy_version)
{
    uint8_t random[TC_HELLO_RANDOM_BYTES];
    memset(hello, UNTOUCHED, sizeof *hello); /* what tc_hello_init leaves alone must not be read */
    hex_read(random, sizeof random, RANDOM_HEX);
    tc_hello_init(hello, record_version, legacy_version, random);
}

/* Whole hellos. */

static void fill_nothing(struct tc_hello *hello)
{
    (void)hello;
}

static void fill_two_suites(struct tc_hello *hello)
{
    tc_hello_add_suite(hello, 0xc02f);
    tc_hello_add_suite(hello, 0x00ff);
}

static void fill_session(struct tc_hello *hello)
{
    tc_hello_add_suite(hello, 0x1301);
    hello->session_id[0] = 0xaa;
    hello->session_id[1] = 0xbb;
    hello->session_id_len = 2;
}

static void fill_compression(struct tc_hello *hello)
{
    tc_hello_add_suite(hello, 0x0035);
    hello->offers_compression = true;
}

static void fill_extensions(struct tc_hello *hello)
{
    tc_hello_add_suite(hello, 0x1301);
    tc_hello_add_renegotiation_info(hello);
    tc_hello_add_point_formats(hello);
}

static void fill_empty_block(struct tc_hello *hello)
{
    tc_hello_add_suite(hello, 0x0035);
    hello->has_extensions = true;
}

/* RFC 8446 sections 4.1.2 and 5.1; RFC 6101 section 5.6.1.2 for the row of SSL 3.0. */
static struct hello_case {
    const char *name;
    uint16_t record_version;
    uint16_t legacy_version;
    void (*fill)(struct tc_hello *hello);
    const char *hex;
} hello_cases[] = {
    {"hello: TLS 1.2 without extensions", 0x0301, 0x0303, fill_two_suites,
     "16 0301 002f 01 00002b 0303" RANDOM_HEX "00 0004 c02f 00ff 01 00"},
    {"hello: SSL 3.0 has its own record version", 0x0300, 0x0300, fill_two_suites,
     "16 0300 002f 01 00002b 0300" RANDOM_HEX "00 0004 c02f 00ff 01 00"},
    {"hello: a version that does not exist can be said", 0x0301, 0x0305, fill_two_suites,
     "16 0301 002f 01 00002b 0305" RANDOM_HEX "00 0004 c02f 00ff 01 00"},
    {"hello: a session id", 0x0301, 0x0303, fill_session,
     "16 0301 002f 01 00002b 0303" RANDOM_HEX "02 aabb 0002 1301 01 00"},
    {"hello: DEFLATE stands before null", 0x0301, 0x0302, fill_compression,
     "16 0301 002e 01 00002a 0302" RANDOM_HEX "00 0002 0035 02 01 00"},
    {"hello: extensions in the order in which they were added", 0x0301, 0x0303, fill_extensions,
     "16 0301 003a 01 000036 0303" RANDOM_HEX
     "00 0002 1301 01 00 000b ff01 0001 00 000b 0002 0100"},
    {"hello: a block without extensions can be said", 0x0301, 0x0303, fill_empty_block,
     "16 0301 002f 01 00002b 0303" RANDOM_HEX "00 0002 0035 01 00 0000"},
    {"hello: no suite at all can be said", 0x0301, 0x0303, fill_nothing,
     "16 0301 002b 01 000027 0303" RANDOM_HEX "00 0000 01 00"},
};

static void check_hello(void **state)
{
    const struct hello_case *row = *state;
    struct tc_hello hello;
    uint8_t expected[256];
    uint8_t out[TC_HELLO_MAX_BYTES];
    size_t expected_len = hex_read(expected, sizeof expected, row->hex);
    size_t len = 0;
    hello_begin(&hello, row->record_version, row->legacy_version);
    row->fill(&hello);
    assert_int_equal(tc_hello_write(&hello, out, sizeof out, &len), TC_OK);
    assert_int_equal(len, expected_len);
    assert_memory_equal(out, expected, len);
    assert_int_equal(tc_hello_handshake_bytes(&hello), len - 5);
    /* Exactly as much room as it takes is enough. */
    assert_int_equal(tc_hello_write(&hello, out, expected_len, &len), TC_OK);
}

/* Extensions. */

static void add_name(struct tc_hello *hello)
{
    tc_hello_add_server_name(hello, "a.example");
}

static void add_groups(struct tc_hello *hello)
{
    static const uint16_t k_groups[] = {29, 23};
    tc_hello_add_groups(hello, k_groups, 2);
}

static void add_schemes(struct tc_hello *hello)
{
    static const uint16_t k_schemes[] = {0x0403, 0x0804};
    tc_hello_add_signature_algorithms(hello, k_schemes, 2);
}

static void add_alpn(struct tc_hello *hello)
{
    static const char *const k_names[] = {"h2", "http/1.1"};
    tc_hello_add_alpn(hello, k_names, 2);
}

static void add_versions(struct tc_hello *hello)
{
    static const uint16_t k_versions[] = {0x0304, 0x0303};
    tc_hello_add_versions(hello, k_versions, 2);
}

static void add_no_share(struct tc_hello *hello)
{
    tc_hello_add_key_shares(hello, NULL, 0);
}

static void add_two_shares(struct tc_hello *hello)
{
    static const uint8_t k_key[] = {0xaa, 0xbb};
    static const uint8_t k_grease[] = {0};
    const struct tc_key_share shares[] = {{29, k_key, 2}, {0x0a0a, k_grease, 1}};
    tc_hello_add_key_shares(hello, shares, 2);
}

static void add_any(struct tc_hello *hello)
{
    static const uint8_t k_body[] = {1, 2, 3};
    tc_hello_add_extension(hello, 0x1234, k_body, sizeof k_body);
}

static void add_empty(struct tc_hello *hello)
{
    tc_hello_add_extension(hello, TC_EXTENSION_SESSION_TICKET, NULL, 0);
}

static struct extension_case {
    const char *name;
    void (*add)(struct tc_hello *hello);
    const char *hex;
} extension_cases[] = {
    {"extension: server_name, RFC 6066 section 3", add_name,
     "0000 000e 000c 00 0009 612e6578616d706c65"},
    {"extension: supported_groups, RFC 8422 section 5.1.1", add_groups, "000a 0006 0004 001d 0017"},
    {"extension: ec_point_formats, RFC 8422 section 5.1.2", tc_hello_add_point_formats,
     "000b 0002 01 00"},
    {"extension: signature_algorithms, RFC 8446 section 4.2.3", add_schemes,
     "000d 0006 0004 0403 0804"},
    {"extension: ALPN, RFC 7301 section 3.1", add_alpn,
     "0010 000e 000c 02 6832 08 687474702f312e31"},
    {"extension: status_request, RFC 6066 section 8", tc_hello_add_status_request,
     "0005 0005 01 0000 0000"},
    {"extension: supported_versions, RFC 8446 section 4.2.1", add_versions,
     "002b 0005 04 0304 0303"},
    {"extension: psk_key_exchange_modes, RFC 8446 section 4.2.9", tc_hello_add_psk_modes,
     "002d 0002 01 01"},
    {"extension: key_share without shares, RFC 8446 section 4.2.8", add_no_share, "0033 0002 0000"},
    {"extension: key_share with two shares", add_two_shares,
     "0033 000d 000b 001d 0002 aabb 0a0a 0001 00"},
    {"extension: renegotiation_info, RFC 5746 section 3.4", tc_hello_add_renegotiation_info,
     "ff01 0001 00"},
    {"extension: any type and body", add_any, "1234 0003 010203"},
    {"extension: an empty body", add_empty, "0023 0000"},
};

static void check_extension(void **state)
{
    const struct extension_case *row = *state;
    struct tc_hello hello;
    uint8_t expected[64];
    size_t expected_len = hex_read(expected, sizeof expected, row->hex);
    hello_begin(&hello, 0x0301, 0x0303);
    row->add(&hello);
    assert_false(hello.failed);
    assert_true(hello.has_extensions);
    assert_int_equal(hello.extensions_len, expected_len);
    assert_memory_equal(hello.extensions, expected, expected_len);
}

/* What does not fit, or may not be. */

static void fail_suites(struct tc_hello *hello)
{
    for (unsigned i = 0; i < TC_HELLO_MAX_SUITES + 1; i++) {
        tc_hello_add_suite(hello, (uint16_t)i);
    }
}

static void fail_num_suites(struct tc_hello *hello)
{
    hello->num_suites = TC_HELLO_MAX_SUITES + 1;
}

static void fail_session(struct tc_hello *hello)
{
    hello->session_id_len = 33;
}

static void fail_body(struct tc_hello *hello)
{
    static const uint8_t k_body[TC_HELLO_EXTENSIONS_BYTES];
    tc_hello_add_extension(hello, 1, k_body, sizeof k_body - 3);
}

static void fail_second_extension(struct tc_hello *hello)
{
    static const uint8_t k_body[TC_HELLO_EXTENSIONS_BYTES];
    tc_hello_add_extension(hello, 1, k_body, sizeof k_body - 4); /* the last that fits */
    assert_false(hello->failed);
    tc_hello_add_extension(hello, 2, NULL, 0);
}

static void fail_name(struct tc_hello *hello)
{
    tc_hello_add_server_name(hello, "");
}

static void fail_long_name(struct tc_hello *hello)
{
    char name[TC_HELLO_EXTENSIONS_BYTES];
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    tc_hello_add_server_name(hello, name);
}

static void fail_alpn_empty(struct tc_hello *hello)
{
    static const char *const k_names[] = {"h2", ""};
    tc_hello_add_alpn(hello, k_names, 2);
}

static void fail_alpn_long(struct tc_hello *hello)
{
    char name[257];
    const char *const names[] = {name};
    memset(name, 'a', sizeof name);
    name[255] = '\0';
    tc_hello_add_alpn(hello, names, 1); /* the longest that there is */
    assert_false(hello->failed);
    name[255] = 'a';
    name[256] = '\0';
    tc_hello_add_alpn(hello, names, 1);
}

static void fail_alpn_none(struct tc_hello *hello)
{
    tc_hello_add_alpn(hello, NULL, 0);
}

static void fail_versions(struct tc_hello *hello)
{
    uint16_t versions[128] = {0};
    tc_hello_add_versions(hello, versions, 127); /* 254 bytes behind a length of one byte */
    assert_false(hello->failed);
    tc_hello_add_versions(hello, versions, 128);
}

static void fail_versions_none(struct tc_hello *hello)
{
    tc_hello_add_versions(hello, NULL, 0);
}

static void fail_groups(struct tc_hello *hello)
{
    static const uint16_t k_groups[TC_HELLO_EXTENSIONS_BYTES / 2];
    tc_hello_add_groups(hello, k_groups, TC_ARRAY_LEN(k_groups));
}

static void fail_groups_none(struct tc_hello *hello)
{
    tc_hello_add_groups(hello, NULL, 0);
}

static void fail_schemes_none(struct tc_hello *hello)
{
    tc_hello_add_signature_algorithms(hello, NULL, 0);
}

static void fail_shares(struct tc_hello *hello)
{
    static const uint8_t k_key[TC_HELLO_EXTENSIONS_BYTES];
    const struct tc_key_share shares[] = {{29, k_key, 4000}, {30, k_key, 4000}};
    tc_hello_add_key_shares(hello, shares, 2);
}

static void fail_share_wrap(struct tc_hello *hello)
{
    static const uint8_t k_key[1];
    const struct tc_key_share shares[] = {{29, k_key, SIZE_MAX}, {30, k_key, 8}};
    tc_hello_add_key_shares(hello, shares, 2);
}

static void fail_padding(struct tc_hello *hello)
{
    tc_hello_pad(hello, TC_HELLO_EXTENSIONS_BYTES + 256);
}

static void fail_then_add(struct tc_hello *hello)
{
    fail_name(hello);
    tc_hello_add_suite(hello, 0x1301);
    tc_hello_add_point_formats(hello);
}

static struct failure_case {
    const char *name;
    void (*fill)(struct tc_hello *hello);
} failure_cases[] = {
    {"failure: 131 suites", fail_suites},
    {"failure: a number of suites past the array", fail_num_suites},
    {"failure: a session id of 33 bytes", fail_session},
    {"failure: one extension too long by a byte", fail_body},
    {"failure: no room for a second extension", fail_second_extension},
    {"failure: a server name without a byte", fail_name},
    {"failure: a server name that is too long", fail_long_name},
    {"failure: a protocol's name without a byte", fail_alpn_empty},
    {"failure: a protocol's name of 256 bytes", fail_alpn_long},
    {"failure: no protocol", fail_alpn_none},
    {"failure: 128 versions", fail_versions},
    {"failure: no version", fail_versions_none},
    {"failure: more groups than fit", fail_groups},
    {"failure: no group", fail_groups_none},
    {"failure: no signature scheme", fail_schemes_none},
    {"failure: more key shares than fit", fail_shares},
    {"failure: lengths whose sum wraps round", fail_share_wrap},
    {"failure: more padding than fits", fail_padding},
    {"failure: what fits later does not heal it", fail_then_add},
};

static void check_failure(void **state)
{
    const struct failure_case *row = *state;
    struct tc_hello hello;
    uint8_t out[TC_HELLO_MAX_BYTES];
    size_t len = 12345;
    memset(out, UNTOUCHED, sizeof out);
    hello_begin(&hello, 0x0301, 0x0303);
    row->fill(&hello);
    assert_int_equal(tc_hello_write(&hello, out, sizeof out, &len), TC_ERR_LIMIT);
    assert_int_equal(len, 12345);
    for (size_t i = 0; i < sizeof out; i++) {
        assert_int_equal(out[i], UNTOUCHED);
    }
}

static void check_small_room(void **state)
{
    (void)state;
    struct tc_hello hello;
    uint8_t out[64];
    size_t len = 12345;
    hello_begin(&hello, 0x0301, 0x0303);
    fill_two_suites(&hello); /* 52 bytes in all: the first row above */
    for (size_t capacity = 0; capacity < 52; capacity++) {
        memset(out, UNTOUCHED, sizeof out);
        assert_int_equal(tc_hello_write(&hello, out, capacity, &len), TC_ERR_LIMIT);
        assert_int_equal(len, 12345);
        assert_int_equal(out[0], UNTOUCHED);
    }
}

static void check_largest(void **state)
{
    (void)state;
    static const uint8_t k_body[TC_HELLO_EXTENSIONS_BYTES];
    struct tc_hello hello;
    uint8_t out[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    hello_begin(&hello, 0x0301, 0x0303);
    for (unsigned i = 0; i < TC_HELLO_MAX_SUITES; i++) {
        tc_hello_add_suite(&hello, (uint16_t)i);
    }
    hello.session_id_len = 32;
    hello.offers_compression = true;
    tc_hello_add_extension(&hello, 1, k_body, sizeof k_body - 4);
    assert_int_equal(tc_hello_write(&hello, out, sizeof out, &len), TC_OK);
    /* Headers 9, version 2, random 32, session id 33, suites 2 + 260, methods 3, block 2 + 6144. */
    assert_int_equal(len, 6487);
}

/* Padding. */

static struct padding_case {
    const char *name;
    size_t before; /* bytes of the handshake message; 45 is the least, without a block */
    size_t wanted;
    size_t after;
} padding_cases[] = {
    {"padding: none where it is as long already", 512, 512, 512},
    {"padding: none where it is longer", 600, 512, 600},
    {"padding: none where nothing is wanted", 300, 0, 300},
    {"padding: 255 bytes, which need none, are left if nobody asks for more", 255, 255, 255},
    {"padding: one byte more takes five", 255, 256, 260},
    {"padding: the first length that hung an old peer", 256, 512, 512},
    {"padding: five bytes short is exact", 507, 512, 512},
    {"padding: four bytes short grows past it", 508, 512, 513},
    {"padding: the last length that hung an old peer", 511, 512, 516},
    {"padding: the block's own length counts where there was none", 45, 512, 512},
    {"padding: and the least of it", 45, 46, 52},
    {"padding: a large hello", 600, 1700, 1700},
};

static void check_padding(void **state)
{
    static const uint8_t k_body[1024];
    const struct padding_case *row = *state;
    struct tc_hello hello;
    hello_begin(&hello, 0x0301, 0x0303);
    tc_hello_add_suite(&hello, 0x1301);
    if (row->before > 45) { /* the block's length and an extension's header take six */
        tc_hello_add_extension(&hello, TC_EXTENSION_SESSION_TICKET, k_body, row->before - 51);
    }
    size_t extensions_len = hello.extensions_len;
    assert_int_equal(tc_hello_handshake_bytes(&hello), row->before);
    tc_hello_pad(&hello, row->wanted);
    assert_false(hello.failed);
    assert_int_equal(tc_hello_handshake_bytes(&hello), row->after);
    if (row->after > row->before) {
        const uint8_t *padding = hello.extensions + extensions_len;
        size_t body_len = hello.extensions_len - extensions_len - 4;
        assert_int_equal(padding[0] << 8 | padding[1], TC_EXTENSION_PADDING);
        assert_int_equal(padding[2] << 8 | padding[3], body_len);
        assert_true(body_len > 0);
        for (size_t i = 0; i < body_len; i++) {
            assert_int_equal(padding[4 + i], 0);
        }
    }
}

/* "The SSL Protocol" (1995), CLIENT-HELLO: 9 bytes, 8 specs of 3, a challenge of 16. */
static void check_ssl2(void **state)
{
    (void)state;
    uint8_t challenge[16];
    uint8_t expected[64];
    uint8_t out[64];
    size_t len = 12345;
    hex_read(challenge, sizeof challenge, "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    size_t expected_len =
        hex_read(expected, sizeof expected,
                 "8031 01 0002 0018 0000 0010 010080 020080 030080 040080 050080 060040 0700c0"
                 "080080 a0a1a2a3a4a5a6a7a8a9aaabacadaeaf");
    memset(out, UNTOUCHED, sizeof out);
    assert_int_equal(tc_hello_write_ssl2(out, expected_len - 1, &len, challenge), TC_ERR_LIMIT);
    assert_int_equal(len, 12345);
    assert_int_equal(out[0], UNTOUCHED);
    assert_int_equal(tc_hello_write_ssl2(out, expected_len, &len, challenge), TC_OK);
    assert_int_equal(len, expected_len);
    assert_memory_equal(out, expected, len);
}

/* RFC 8701 section 2. */
static void check_grease(void **state)
{
    (void)state;
    static const uint16_t k_values[] = {0x0a0a, 0x1a1a, 0x2a2a, 0x3a3a, 0x4a4a, 0x5a5a,
                                        0x6a6a, 0x7a7a, 0x8a8a, 0x9a9a, 0xaaaa, 0xbaba,
                                        0xcaca, 0xdada, 0xeaea, 0xfafa};
    for (unsigned i = 0; i < TC_ARRAY_LEN(k_values); i++) {
        assert_int_equal(tc_grease_value(i), k_values[i]);
        assert_int_equal(tc_grease_value(i + 16), k_values[i]);
    }
}

int main(void)
{
    struct CMUnitTest tests[96] = {
        cmocka_unit_test(check_small_room),
        cmocka_unit_test(check_largest),
        cmocka_unit_test(check_ssl2),
        cmocka_unit_test(check_grease),
    };
    size_t num = 4;
    ADD_ROWS(hello_cases, check_hello)
    ADD_ROWS(extension_cases, check_extension)
    ADD_ROWS(failure_cases, check_failure)
    ADD_ROWS(padding_cases, check_padding)
    assert(num <= TC_ARRAY_LEN(tests));
    return _cmocka_run_group_tests("hello", tests, num, NULL, NULL);
}
