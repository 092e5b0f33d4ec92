/* ServerHello and HelloRetryRequest. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "flight_case.h"
#include "hex.h"

#define RETRY_TEXT "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c "
#define LAST_8(t)  "000102030405060708090a0b0c0d0e0f1011121314151617 " t " "
#define V13        "002b (2 0304) "
#define SHARE      "0033 (2 001d (2 aabb) ) "
/* A ServerHello that says all of its fields. */
#define FIELDS(version, random, session, suite, compression, rest)                                 \
    RECORD("02 (3 " version " " random " " session " " suite " " compression " " rest ") ")
#define HELLO_12(extensions) RECORD(HELLO("0303", "c02f", "(2 " extensions ") "))
#define HELLO_13(extensions) RECORD(HELLO("0303", "1301", "(2 " extensions ") "))
#define RETRY(extensions)    FIELDS("0303", RETRY_TEXT, "00", "1301", "00", "(2 " extensions ") ")

static void is_tls12(const struct tc_flight *flight)
{
    static const uint8_t k_first[] = {0, 1, 2, 3};
    assert_true(flight->has_hello);
    assert_int_equal(flight->record_version, 0x0303);
    assert_int_equal(flight->legacy_version, 0x0303);
    assert_int_equal(flight->version, 0x0303);
    assert_int_equal(flight->suite, 0xc02f);
    assert_int_equal(flight->compression, 0);
    assert_int_equal(flight->session_id_len, 0);
    assert_int_equal(flight->group, 0);
    assert_int_equal(flight->num_extensions, 0);
    assert_string_equal(flight->alpn, "");
    assert_memory_equal(flight->random, k_first, sizeof k_first);
    assert_int_equal(tc_flight_sentinel(flight), 0);
}

static void is_ssl3(const struct tc_flight *flight)
{
    assert_true(flight->has_hello);
    assert_int_equal(flight->version, 0x0300);
    assert_int_equal(flight->suite, 0x0005);
}

static void is_full(const struct tc_flight *flight)
{
    static const uint16_t k_extensions[] = {0xff01, 0, 11, 35, 5, 16, 22, 23, 28, 15, 17, 0x1234};
    assert_true(flight->has_hello);
    assert_int_equal(flight->session_id_len, 32);
    assert_int_equal(flight->compression, 1);
    assert_string_equal(flight->alpn, "http/1.1");
    assert_int_equal(flight->record_size_limit, 16385);
    assert_int_equal(flight->num_extensions, TC_ARRAY_LEN(k_extensions));
    assert_memory_equal(flight->extensions, k_extensions, sizeof k_extensions);
    assert_true(tc_flight_has_extension(flight, 22));
    assert_false(tc_flight_has_extension(flight, 43));
}

static void is_tls13(const struct tc_flight *flight)
{
    static const uint16_t k_extensions[] = {51, 43};
    assert_true(flight->has_hello);
    assert_int_equal(flight->legacy_version, 0x0303);
    assert_int_equal(flight->version, 0x0304);
    assert_int_equal(flight->suite, 0x1301);
    assert_int_equal(flight->group, 29);
    assert_int_equal(flight->num_extensions, TC_ARRAY_LEN(k_extensions));
    assert_memory_equal(flight->extensions, k_extensions, sizeof k_extensions);
}

static void is_retry(const struct tc_flight *flight)
{
    assert_true(flight->has_hello);
    assert_int_equal(flight->version, 0x0304);
    assert_int_equal(flight->suite, 0x1301);
    assert_int_equal(flight->group, 0x11ec);
}

static void is_cookie(const struct tc_flight *flight)
{
    assert_true(flight->has_hello);
    assert_int_equal(flight->group, 0);
}

static void marks_tls12(const struct tc_flight *flight)
{
    assert_int_equal(tc_flight_sentinel(flight), 2);
}

static void marks_tls11(const struct tc_flight *flight)
{
    assert_int_equal(tc_flight_sentinel(flight), 1);
}

static void marks_nothing(const struct tc_flight *flight)
{
    assert_true(flight->has_hello);
    assert_int_equal(tc_flight_sentinel(flight), 0);
}

static void has_no_hello(const struct tc_flight *flight)
{
    assert_false(flight->has_hello);
}

static void has_long_alpn(const struct tc_flight *flight)
{
    assert_int_equal(strlen(flight->alpn), 255);
}

static void has_least_limit(const struct tc_flight *flight)
{
    assert_int_equal(flight->record_size_limit, 64);
}

#define READS(name, text, check)                                                                   \
    {                                                                                              \
        name, text, TC_FLIGHT_READING, NULL, check, false                                          \
    }
#define ENDS(name, text, state, check)                                                             \
    {                                                                                              \
        name, text, state, NULL, check, false                                                      \
    }
#define FAILS(name, text, problem)                                                                 \
    {                                                                                              \
        name, text, MALFORMED, problem, has_no_hello, false                                        \
    }
#define X3(text)  text text text
#define X15(text) X3(text text text text text)
#define X16(text) text X15(text)

static struct flight_case cases[] = {
    READS("hello: TLS 1.2 without a block of extensions", RECORD(HELLO("0303", "c02f", "")),
          is_tls12),
    READS("hello: TLS 1.2 with an empty block", HELLO_12(""), is_tls12),
    READS("hello: SSL 3.0", RECORD(HELLO("0300", "0005", "")), is_ssl3),
    READS("hello: everything in it",
          FIELDS("0303", RANDOM_TEXT, "(1 " RANDOM_TEXT ")", "c013", "01",
                 "(2 ff01 (2 00) 0000 (2 ) 000b (2 0100) 0023 (2 ) 0005 (2 )"
                 "   0010 (2 (2 (1 687474702f312e31) ) ) 0016 (2 ) 0017 (2 ) 001c (2 4001)"
                 "   000f (2 01) 0011 (2 ) 1234 (2 010203) )"),
          is_full),
    ENDS("hello: TLS 1.3", HELLO_13(SHARE V13), TC_FLIGHT_SERVER_HELLO, is_tls13),
    ENDS("hello: HelloRetryRequest with a group", RETRY(V13 "0033 (2 11ec)"), TC_FLIGHT_HELLO_RETRY,
         is_retry),
    ENDS("hello: HelloRetryRequest with group and cookie",
         RETRY("002c (2 (2 aa) ) 0033 (2 11ec)" V13), TC_FLIGHT_HELLO_RETRY, is_retry),
    ENDS("hello: HelloRetryRequest with a cookie alone", RETRY(V13 "002c (2 (2 aa) )"),
         TC_FLIGHT_HELLO_RETRY, is_cookie),
    READS("hello: a protocol's name of 255 bytes",
          HELLO_12("0010 (2 (2 (1 " X15(X16("61")) X15("61") ") ) ) "), has_long_alpn),

    READS("hello: the least record_size_limit", HELLO_12("001c (2 0040)"), has_least_limit),

    READS("sentinel: a server of TLS 1.3 that speaks TLS 1.2",
          FIELDS("0303", LAST_8("444f574e47524401"), "00", "c02f", "00", ""), marks_tls12),
    READS("sentinel: and one that speaks less",
          FIELDS("0301", LAST_8("444f574e47524400"), "00", "c013", "00", ""), marks_tls11),
    READS("sentinel: another last byte",
          FIELDS("0303", LAST_8("444f574e47524402"), "00", "c02f", "00", ""), marks_nothing),
    READS("sentinel: another first byte",
          FIELDS("0303", LAST_8("454f574e47524401"), "00", "c02f", "00", ""), marks_nothing),

    FAILS("hello: version 0x02ff", RECORD(HELLO("02ff", "c02f", "")),
          "a version that no ServerHello can have"),
    FAILS("hello: TLS 1.3 in the field", RECORD(HELLO("0304", "1301", "")),
          "a version that no ServerHello can have"),
    FAILS("hello: version 0x0305, which was offered as a trap", RECORD(HELLO("0305", "c02f", "")),
          "a version that no ServerHello can have"),
    FAILS("hello: DTLS 1.2", RECORD(HELLO("fefd", "c02f", "")),
          "a version that no ServerHello can have"),
    FAILS("hello: a session id of 33 bytes",
          FIELDS("0303", RANDOM_TEXT, "(1 ff" RANDOM_TEXT ")", "c02f", "00", ""),
          "a session id of more than 32 bytes"),
    FAILS("hello: a session id longer than the message",
          FIELDS("0303", RANDOM_TEXT, "20 aabb", "c02f", "00", ""), "a cut ServerHello"),
    FAILS("hello: compression 2", FIELDS("0303", RANDOM_TEXT, "00", "c02f", "02", ""),
          "a compression method that was not offered"),
    FAILS("hello: compression in TLS 1.3",
          FIELDS("0303", RANDOM_TEXT, "00", "1301", "01", "(2 " V13 SHARE ")"),
          "compression in TLS 1.3"),
    FAILS("hello: a byte where extensions may be", RECORD(HELLO("0303", "c02f", "00")),
          "extensions that do not end with ServerHello"),
    FAILS("hello: the block is a byte too long", RECORD(HELLO("0303", "c02f", "0006 ff01000100")),
          "extensions that do not end with ServerHello"),
    FAILS("hello: the block is a byte too short", RECORD(HELLO("0303", "c02f", "0004 ff01000100")),
          "extensions that do not end with ServerHello"),
    FAILS("hello: bytes behind the block", RECORD(HELLO("0303", "c02f", "0000 00")),
          "extensions that do not end with ServerHello"),
    FAILS("hello: an extension is a byte too long", HELLO_12("ff01 0002 00"), "a cut extension"),
    FAILS("hello: an extension is a byte too short", HELLO_12("ff01 0000 00"), "a cut extension"),
    FAILS("hello: an extension cut in its type", HELLO_12("ff"), "a cut extension"),
    FAILS("hello: an extension cut in its length", HELLO_12("ff01 00"), "a cut extension"),
    FAILS("hello: an extension twice", HELLO_12("ff01 (2 00) 0017 (2 ) ff01 (2 00)"),
          "an extension that is there twice"),
    FAILS("hello: an unknown extension twice", HELLO_12("1234 (2 00) 1234 (2 01)"),
          "an extension that is there twice"),
    FAILS("hello: supported_versions twice", HELLO_13(V13 V13 SHARE),
          "an extension that is there twice"),

    FAILS("supported_versions: TLS 1.2", HELLO_12("002b (2 0303)"),
          "a malformed supported_versions"),
    FAILS("supported_versions: a draft of TLS 1.3", HELLO_13("002b (2 7f1c)" SHARE),
          "a malformed supported_versions"),
    FAILS("supported_versions: GREASE", HELLO_13("002b (2 0a0a)" SHARE),
          "a malformed supported_versions"),
    FAILS("supported_versions: one byte", HELLO_13("002b (2 03)" SHARE),
          "a malformed supported_versions"),
    FAILS("supported_versions: three bytes", HELLO_13("002b (2 030400)" SHARE),
          "a malformed supported_versions"),
    FAILS("supported_versions: as a client writes it", HELLO_13("002b (2 (1 0304) )" SHARE),
          "a malformed supported_versions"),
    FAILS("supported_versions: above a field of TLS 1.1",
          RECORD(HELLO("0302", "1301", "(2 " V13 SHARE ")")), "a malformed supported_versions"),

    FAILS("key_share: none in TLS 1.3", HELLO_13(V13),
          "a ServerHello of TLS 1.3 without key_share"),
    FAILS("key_share: in TLS 1.2", HELLO_12(SHARE), "a malformed key_share"),
    FAILS("key_share: group 0", HELLO_13(V13 "0033 (2 0000 (2 aa) )"), "a malformed key_share"),
    FAILS("key_share: no key", HELLO_13(V13 "0033 (2 001d (2 ) )"), "a malformed key_share"),
    FAILS("key_share: the group alone, outside HelloRetryRequest", HELLO_13(V13 "0033 (2 001d)"),
          "a malformed key_share"),
    FAILS("key_share: the key is a byte too long", HELLO_13(V13 "0033 (2 001d 0003 aabb)"),
          "a malformed key_share"),
    FAILS("key_share: the key is a byte too short", HELLO_13(V13 "0033 (2 001d 0001 aabb)"),
          "a malformed key_share"),
    FAILS("key_share: empty", HELLO_13(V13 "0033 (2 )"), "a malformed key_share"),
    FAILS("key_share: a key in HelloRetryRequest", RETRY(V13 SHARE), "a malformed key_share"),
    FAILS("key_share: group 0 in HelloRetryRequest", RETRY(V13 "0033 (2 0000)"),
          "a malformed key_share"),
    FAILS("key_share: one byte in HelloRetryRequest", RETRY(V13 "0033 (2 00)"),
          "a malformed key_share"),

    FAILS("retry: nothing to change", RETRY(V13), "a HelloRetryRequest that changes nothing"),
    FAILS("retry: outside TLS 1.3", RETRY("ff01 (2 00)"), "a HelloRetryRequest outside TLS 1.3"),
    FAILS("retry: an empty cookie", RETRY(V13 "002c (2 (2 ) )"), "a malformed cookie"),
    FAILS("retry: a cookie that is cut", RETRY(V13 "002c (2 0002 aa)"), "a malformed cookie"),
    FAILS("retry: bytes behind a cookie", RETRY(V13 "002c (2 (2 aa) 00)"), "a malformed cookie"),
    FAILS("retry: a cookie in ServerHello", HELLO_13(V13 SHARE "002c (2 (2 aa) )"),
          "a malformed cookie"),

    FAILS("ALPN: empty", HELLO_12("0010 (2 )"), "a malformed ALPN extension"),
    FAILS("ALPN: no name", HELLO_12("0010 (2 (2 ) )"), "a malformed ALPN extension"),
    FAILS("ALPN: a name without a byte", HELLO_12("0010 (2 (2 (1 ) ) )"),
          "a malformed ALPN extension"),
    FAILS("ALPN: two names", HELLO_12("0010 (2 (2 (1 6832) (1 6833) ) )"),
          "a malformed ALPN extension"),
    FAILS("ALPN: NUL in a name", HELLO_12("0010 (2 (2 (1 680032) ) )"),
          "a malformed ALPN extension"),
    FAILS("ALPN: the name is a byte too long", HELLO_12("0010 (2 (2 03 6832) )"),
          "a malformed ALPN extension"),
    FAILS("ALPN: one byte behind the name", HELLO_12("0010 (2 (2 (1 6832) 00) )"),
          "a malformed ALPN extension"),
    FAILS("ALPN: bytes behind the list", HELLO_12("0010 (2 (2 (1 6832) ) 00)"),
          "a malformed ALPN extension"),

    FAILS("renegotiation_info: empty", HELLO_12("ff01 (2 )"), "a malformed renegotiation_info"),
    FAILS("renegotiation_info: of an earlier handshake", HELLO_12("ff01 (2 (1 aabb) )"),
          "a malformed renegotiation_info"),
    FAILS("renegotiation_info: bytes behind it", HELLO_12("ff01 (2 0000)"),
          "a malformed renegotiation_info"),
    FAILS("record_size_limit: 63", HELLO_12("001c (2 003f)"), "a malformed record_size_limit"),
    FAILS("record_size_limit: 16,386", HELLO_12("001c (2 4002)"), "a malformed record_size_limit"),
    FAILS("record_size_limit: one byte", HELLO_12("001c (2 40)"), "a malformed record_size_limit"),
    FAILS("record_size_limit: three bytes", HELLO_12("001c (2 400000)"),
          "a malformed record_size_limit"),
    FAILS("server_name: a name comes back", HELLO_12("0000 (2 (2 00 (2 61) ) )"),
          "a server_name that is not empty"),
    FAILS("status_request: a body", HELLO_12("0005 (2 01)"), "a status_request that is not empty"),
    FAILS("status_request_v2: a body", HELLO_12("0011 (2 01)"),
          "a status_request_v2 that is not empty"),
    FAILS("encrypt_then_mac: a body", HELLO_12("0016 (2 00)"),
          "an encrypt_then_mac that is not empty"),
    FAILS("extended_master_secret: a body", HELLO_12("0017 (2 00)"),
          "an extended_master_secret that is not empty"),
    FAILS("session_ticket: a body", HELLO_12("0023 (2 00)"), "a session_ticket that is not empty"),
};

/* These have a hello: only what follows it in the record is wrong. */
static struct flight_case end_cases[] = {
    {"hello: handshake bytes behind ServerHello of TLS 1.3",
     RECORD(HELLO("0303", "1301", "(2 " V13 SHARE ")") "08"), MALFORMED,
     "handshake bytes behind the flight's end", NULL, false},
    {"hello: handshake bytes behind HelloRetryRequest",
     RECORD("02 (3 0303 " RETRY_TEXT "00 1301 00 (2 " V13 "0033 (2 001d) ) )" CERTIFICATE),
     MALFORMED, "handshake bytes behind the flight's end", NULL, false},
};

/* Cuts the whole ServerHello of TLS 1.3 short, its outer lengths put right. */
static void check_cuts(void **state)
{
    (void)state;
    uint8_t whole[256];
    size_t len = hex_read(whole, sizeof whole, HELLO_13(SHARE V13));
    assert_true(len < 256); /* so one byte of each outer length is enough to change */
    for (size_t cut = 9; cut < len; cut++) {
        uint8_t bytes[256];
        struct flight_case row = {.state = MALFORMED, .check = has_no_hello};
        memcpy(bytes, whole, cut);
        bytes[4] = (uint8_t)(cut - 5); /* of the record */
        bytes[8] = (uint8_t)(cut - 9); /* of the message */
        if (cut - 9 == 38) {           /* where no block of extensions is left, it is TLS 1.2 */
            row.state = TC_FLIGHT_READING;
            row.check = NULL;
        } else {
            row.problem =
                cut - 9 < 38 ? "a cut ServerHello" : "extensions that do not end with ServerHello";
        }
        check_flight_bytes(&row, bytes, cut);
    }
}

/* 48 extensions are read, one more is too many. */
static void check_many_extensions(void **state)
{
    (void)state;
    uint8_t bytes[512];
    for (unsigned num = TC_FLIGHT_MAX_EXTENSIONS; num <= TC_FLIGHT_MAX_EXTENSIONS + 1; num++) {
        struct flight_case row = {.state = TC_FLIGHT_READING};
        size_t len = hex_read(bytes, sizeof bytes, RECORD(HELLO("0303", "c02f", "0000")));
        if (num > TC_FLIGHT_MAX_EXTENSIONS) {
            row.state = MALFORMED;
            row.problem = "too many extensions";
        }
        for (unsigned i = 0; i < num; i++) {
            const uint8_t extension[] = {0x77, (uint8_t)i, 0, 0};
            memcpy(bytes + len, extension, sizeof extension);
            len += sizeof extension;
        }
        bytes[4] = (uint8_t)(len - 5);
        bytes[8] = (uint8_t)(len - 9);
        bytes[48] = (uint8_t)(4 * num); /* of the block */
        check_flight_bytes(&row, bytes, len);
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases) + TC_ARRAY_LEN(end_cases) + 2] = {
        cmocka_unit_test(check_cuts),
        cmocka_unit_test(check_many_extensions),
    };
    size_t num = 2;
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[num++] = (struct CMUnitTest){cases[i].name, check_flight_case, NULL, NULL, &cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(end_cases); i++) {
        tests[num++] =
            (struct CMUnitTest){end_cases[i].name, check_flight_case, NULL, NULL, &end_cases[i]};
    }
    return cmocka_run_group_tests_name("flight_hello", tests, NULL, NULL);
}
