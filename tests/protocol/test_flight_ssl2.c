/* SSL 2.0, where our hello was one of it. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "flight_case.h"
#include "hex.h"

#define CONNECTION_ID "000102030405060708090a0b0c0d0e0f"
/* A certificate of 3 bytes, two specs, a connection id of 16: 11 + 3 + 6 + 16 = 36 bytes. */
#define HELLO_BODY "04 00 01 0002 0003 0006 0010 aabbcc 010080 0700c0 " CONNECTION_ID

static void is_hello(const struct tc_flight *flight)
{
    static const uint8_t k_body[] = {0, 0, 6, 0, 0, 3, 0xaa, 0xbb, 0xcc};
    static const uint8_t k_leaf[] = {0xaa, 0xbb, 0xcc};
    uint8_t expected[SHA256_DIGEST_LENGTH];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    assert_true(flight->has_hello);
    assert_int_equal(flight->version, 0x0002);
    assert_int_equal(flight->num_specs, 2);
    assert_int_equal(flight->specs[0], 0x010080);
    assert_int_equal(flight->specs[1], 0x0700c0);
    assert_int_equal(flight->num_certificates, 1);
    assert_int_equal(flight->certificates.len, sizeof k_body);
    assert_memory_equal(flight->certificates.data, k_body, sizeof k_body);
    SHA256(k_leaf, sizeof k_leaf, expected);
    assert_true(tc_flight_leaf_sha256(flight, digest));
    assert_memory_equal(digest, expected, sizeof digest);
}

static void has_no_specs(const struct tc_flight *flight)
{
    assert_true(flight->has_hello);
    assert_int_equal(flight->num_specs, 0);
    assert_int_equal(flight->num_certificates, 0);
    assert_int_equal(flight->certificates.len, 0);
}

static void is_alert(const struct tc_flight *flight)
{
    assert_int_equal(flight->alert, 70);
    assert_int_equal(flight->record_version, 0x0301);
}

static void read_one_byte(const struct tc_flight *flight)
{
    assert_int_equal(flight->read_bytes, 1);
}

static void read_four_bytes(const struct tc_flight *flight)
{
    assert_int_equal(flight->read_bytes, 4);
}

static void has_no_hello(const struct tc_flight *flight)
{
    assert_false(flight->has_hello);
}

#define ENDS(name, text, state, check)                                                             \
    {                                                                                              \
        name, text, state, NULL, check, true                                                       \
    }
#define FAILS(name, text, problem)                                                                 \
    {                                                                                              \
        name, text, MALFORMED, problem, has_no_hello, true                                         \
    }

static struct flight_case cases[] = {
    ENDS("hello: a header of two bytes", "8024" HELLO_BODY, TC_FLIGHT_SSL2_HELLO, is_hello),
    ENDS("hello: a header of three bytes", "0024 00" HELLO_BODY, TC_FLIGHT_SSL2_HELLO, is_hello),
    ENDS("hello: three bytes of padding", "0027 03" HELLO_BODY "ffffff", TC_FLIGHT_SSL2_HELLO,
         is_hello),
    ENDS("hello: what follows is not read", "8024" HELLO_BODY "ffff", TC_FLIGHT_SSL2_HELLO,
         is_hello),
    ENDS("hello: SSL 2.0 is understood, but no spec is shared",
         "801b 04 00 00 0002 0000 0000 0010 " CONNECTION_ID, TC_FLIGHT_SSL2_HELLO, has_no_specs),
    ENDS("error: a header of two bytes", "8003 00 0001", TC_FLIGHT_SSL2_ERROR, has_no_hello),
    ENDS("error: a header of three bytes", "0003 00 00 0001", TC_FLIGHT_SSL2_ERROR, has_no_hello),
    ENDS("error: one byte of padding", "0004 01 00 0001 ff", TC_FLIGHT_SSL2_ERROR, has_no_hello),
    ENDS("TLS: an alert", "15 0301 0002 0246", TC_FLIGHT_ALERT, is_alert),
    ENDS("TLS: a whole flight", RECORD(HELLO("0301", "002f", "") CERTIFICATE DONE),
         TC_FLIGHT_HELLO_DONE, NULL),
    ENDS("TLS: a warning goes before no SSL 2.0", "15 0301 0002 0170", TC_FLIGHT_READING, NULL),

    ENDS("text: a web server", "485454502f312e31", TC_FLIGHT_NOT_TLS, read_one_byte),
    ENDS("text: an SSH server", "5353482d", TC_FLIGHT_NOT_TLS, read_one_byte),
    ENDS("text: a mail server", "32323020", TC_FLIGHT_NOT_TLS, read_four_bytes),
    ENDS("text: a POP3 server", "2b4f4b20", TC_FLIGHT_NOT_TLS, read_four_bytes),
    ENDS("text: an IMAP server", "2a204f4b", TC_FLIGHT_NOT_TLS, read_four_bytes),
    ENDS("text: a MySQL server", "4a0000000a", TC_FLIGHT_NOT_TLS, read_one_byte),
    ENDS("text: a short MySQL greeting", "30000000ff", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: a security escape", "6024 00 04", TC_FLIGHT_NOT_TLS, read_one_byte),
    ENDS("header: a client's message", "8024 01", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: a message that comes encrypted", "8024 05", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: a SERVER-HELLO shorter than its fields", "800a 04", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: an ERROR shorter than its code", "8002 00", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: an ERROR longer than its code", "8004 00", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: an ERROR whose end is padding", "0003 01 00", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: more padding than record", "0003 04 00", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: nothing but padding", "0003 03 00", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: padding that eats the fields", "0024 20 04", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: a record of 0 bytes", "8000 00", TC_FLIGHT_NOT_TLS, NULL),
    ENDS("header: TLS of major version 2", "16 0200 ff", TC_FLIGHT_NOT_TLS, NULL),

    FAILS("TLS: text behind an alert", "15 0301 0002 0170 8024", "bytes that are no record"),
    FAILS("hello: TLS 1.0's number", "801b 04 00 00 0301 0000 0000 0010 " CONNECTION_ID,
          "a SERVER-HELLO of another version"),
    FAILS("hello: a session that nobody offered",
          "801b 04 01 00 0002 0000 0000 0010 " CONNECTION_ID,
          "a SERVER-HELLO for a session that was not offered"),
    FAILS("hello: the certificate is longer than the message",
          "801b 04 00 01 0002 0011 0000 0000 " CONNECTION_ID, "a malformed SERVER-HELLO"),
    FAILS("hello: the specs are longer than the message",
          "801b 04 00 01 0002 0000 0012 0000 " CONNECTION_ID, "a malformed SERVER-HELLO"),
    FAILS("hello: the connection id is longer than the message",
          "801b 04 00 00 0002 0000 0000 0011 " CONNECTION_ID, "a malformed SERVER-HELLO"),
    FAILS("hello: the connection id is a byte too short",
          "801b 04 00 00 0002 0000 0000 000f " CONNECTION_ID, "a malformed SERVER-HELLO"),
    FAILS("hello: lengths that add up past 2^16",
          "801b 04 00 00 0002 ffff ffff ffff " CONNECTION_ID, "a malformed SERVER-HELLO"),
    FAILS("hello: half a spec", "800f 04 00 00 0002 0000 0004 0000 01008002",
          "a cut cipher spec in SERVER-HELLO"),
    FAILS("hello: a connection id of 33 bytes",
          "802c 04 00 00 0002 0000 0000 0021 " CONNECTION_ID CONNECTION_ID "ff",
          "a connection id of more than 32 bytes"),
    FAILS("hello: padding that eats the connection id",
          "001c 02 04 00 00 0002 0000 0000 0010 " CONNECTION_ID "ff", "a malformed SERVER-HELLO"),
};

/* 32 specs are read, one more is too many. */
static void check_many_specs(void **state)
{
    (void)state;
    for (size_t num = TC_FLIGHT_MAX_SPECS; num <= TC_FLIGHT_MAX_SPECS + 1; num++) {
        uint8_t bytes[256] = {0};
        struct flight_case row = {.state = TC_FLIGHT_SSL2_HELLO, .allows_ssl2 = true};
        size_t len = hex_read(bytes, sizeof bytes, "8000 04 00 00 0002 0000 0000 0000") + 3 * num;
        if (num > TC_FLIGHT_MAX_SPECS) {
            row.state = MALFORMED;
            row.problem = "too many cipher specs in SERVER-HELLO";
        }
        bytes[1] = (uint8_t)(len - 2);
        bytes[10] = (uint8_t)(3 * num);
        check_flight_bytes(&row, bytes, len);
    }
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases) + 1] = {cmocka_unit_test(check_many_specs)};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[1 + i] = (struct CMUnitTest){cases[i].name, check_flight_case, NULL, NULL, &cases[i]};
    }
    return cmocka_run_group_tests_name("flight_ssl2", tests, NULL, NULL);
}
