/* Records, alerts, the order of messages, and the caps. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include "flight_case.h"
#include "flight_play.h"
#include "hex.h"

#define X2(text)       text text
#define X4(text)       X2(X2(text))
#define X8(text)       X2(X4(text))
#define X32(text)      X4(X8(text))
#define X64(text)      X2(X32(text))
#define WARNING        "15 0303 0002 0170 "
#define FATAL          "15 0301 0002 0228 "
#define EMPTY          "16 0303 0000 "
#define CCS            "14 0303 0001 01 "
#define HELLO_REQUEST  "00 000000 "
#define HELLO_RSA      HELLO("0303", "002f", "")
#define FLIGHT_RSA     HELLO_RSA CERTIFICATE DONE
#define HELLO_DHE      HELLO("0303", "0033", "")
#define PARAMETERS_DHE "(2 17) (2 02) (2 05) 0401 (2 aa)"
#define STATUS         "16 (3 01 (3 05) ) "
#define REQUEST        "0d (3 (1 01) (2 0401) (2 ) ) "

static void has_no_hello(const struct tc_flight *flight)
{
    assert_false(flight->has_hello);
}

static void has_alert(const struct tc_flight *flight)
{
    assert_false(flight->has_hello);
    assert_int_equal(flight->alert, 40);
    assert_int_equal(flight->record_version, 0x0301);
    assert_int_equal(flight->num_warnings, 0);
}

static void has_warnings(const struct tc_flight *flight)
{
    assert_int_equal(flight->alert, 40);
    assert_int_equal(flight->num_warnings, 8);
    assert_int_equal(flight->last_warning, 112);
    assert_int_equal(flight->record_version, 0x0303);
}

static void has_close_notify(const struct tc_flight *flight)
{
    assert_int_equal(flight->num_warnings, 1);
    assert_int_equal(flight->last_warning, 0);
}

static void has_hello_then_alert(const struct tc_flight *flight)
{
    assert_true(flight->has_hello);
    assert_int_equal(flight->suite, 0x002f);
    assert_int_equal(flight->alert, 40);
}

static void has_flight(const struct tc_flight *flight)
{
    assert_int_equal(flight->version, 0x0303);
    assert_int_equal(flight->suite, 0x002f);
    assert_int_equal(flight->num_certificates, 1);
    assert_int_equal(flight->exchange, TC_EXCHANGE_NONE);
    assert_int_equal(flight->certificates.len, 9);
}

static void has_all_messages(const struct tc_flight *flight)
{
    assert_true(flight->has_certificate_status);
    assert_true(flight->has_certificate_request);
    assert_int_equal(flight->exchange, TC_EXCHANGE_DHE);
}

static void read_five_bytes(const struct tc_flight *flight)
{
    assert_int_equal(flight->read_bytes, 5);
}

static void read_one_byte(const struct tc_flight *flight)
{
    assert_int_equal(flight->read_bytes, 1);
}

static struct flight_case cases[] = {
    {"nothing", "", TC_FLIGHT_READING, NULL, has_no_hello, false},
    {"alert: fatal", FATAL, TC_FLIGHT_ALERT, NULL, has_alert, false},
    {"alert: after eight warnings", X8(WARNING) FATAL, TC_FLIGHT_ALERT, NULL, has_warnings, false},
    {"alert: nine warnings are too many", X8(WARNING) WARNING, MALFORMED, "too many warning alerts",
     NULL, false},
    {"alert: several in one record", "15 0303 (2 0170 0228)", TC_FLIGHT_ALERT, NULL, NULL, false},
    {"alert: close_notify is a warning", "15 0303 0002 0100", TC_FLIGHT_READING, NULL,
     has_close_notify, false},
    {"alert: behind ServerHello", RECORD(HELLO_RSA) FATAL, TC_FLIGHT_ALERT, NULL,
     has_hello_then_alert, false},
    {"alert: fatal inside a message", RECORD("02 000026 0303") FATAL, TC_FLIGHT_ALERT, NULL, NULL,
     false},
    {"alert: a warning inside a message", RECORD("02 000026 0303") WARNING, MALFORMED,
     "an alert inside a handshake message", NULL, false},
    {"alert: a warning behind one byte of a message", RECORD("02") WARNING, MALFORMED,
     "an alert inside a handshake message", NULL, false},
    {"alert: cut to one byte", "15 0303 0001 02", MALFORMED, "a cut alert", NULL, false},
    {"alert: three bytes", "15 0303 0003 017002", MALFORMED, "a cut alert", NULL, false},
    {"alert: level 0", "15 0303 0002 0028", MALFORMED, "an alert of no known level", NULL, false},
    {"alert: level 3", "15 0303 0002 0328", MALFORMED, "an alert of no known level", NULL, false},

    {"record: a web server that speaks no TLS", "48545450", TC_FLIGHT_NOT_TLS, NULL, read_one_byte,
     false},
    {"record: an SSH server", "5353482d", TC_FLIGHT_NOT_TLS, NULL, read_one_byte, false},
    {"record: a type below the lowest", "13 0303", TC_FLIGHT_NOT_TLS, NULL, read_one_byte, false},
    {"record: a type above the highest", "19 0303", TC_FLIGHT_NOT_TLS, NULL, read_one_byte, false},
    {"record: major version 2", "16 0200 0001 00", TC_FLIGHT_NOT_TLS, NULL, NULL, false},
    {"record: major version 254 is DTLS", "16 fefd 0000", TC_FLIGHT_NOT_TLS, NULL, NULL, false},
    {"record: SSL 2.0 where none was asked", "8003 00 0001", TC_FLIGHT_NOT_TLS, NULL, NULL, false},
    {"record: of application data", "17 0303 0001 00", MALFORMED,
     "a record of a type that does not belong here", has_no_hello, false},
    {"record: of heartbeat", "18 0303 0001 00", MALFORMED,
     "a record of a type that does not belong here", NULL, false},
    {"record: application data behind ServerHello of TLS 1.2", RECORD(HELLO_RSA) "17 0303 0001 00",
     MALFORMED, "a record of a type that does not belong here", NULL, false},
    {"record: text behind an alert", WARNING "485454", MALFORMED, "bytes that are no record", NULL,
     false},
    {"record: another major version behind an alert", WARNING "16 0200", MALFORMED,
     "bytes that are no record", NULL, false},
    {"record: one byte more than 2^14", "16 0303 4001", MALFORMED,
     "a record of more than 2^14 bytes", read_five_bytes, false},
    {"record: 65,535 bytes announced", "15 0303 ffff", MALFORMED,
     "a record of more than 2^14 bytes", read_five_bytes, false},
    {"record: 2^14 bytes announced may come", "16 0303 4000", TC_FLIGHT_READING, NULL, NULL, false},
    {"record: 32 empty ones", X32(EMPTY) FATAL, TC_FLIGHT_ALERT, NULL, NULL, false},
    {"record: 33 empty ones", X32(EMPTY) EMPTY, MALFORMED, "too many empty records", NULL, false},
    {"record: empty ones inside a message",
     RECORD("0200") EMPTY RECORD("0026 0303 " RANDOM_TEXT "00 002f 00") RECORD(CERTIFICATE DONE),
     TC_FLIGHT_HELLO_DONE, NULL, has_flight, false},

    {"ChangeCipherSpec: before ServerHello", CCS FATAL, TC_FLIGHT_ALERT, NULL, NULL, false},
    {"ChangeCipherSpec: without end", X32(CCS) CCS, MALFORMED, "too many empty records", NULL,
     false},
    {"ChangeCipherSpec: of another value", "14 0303 0001 00", MALFORMED,
     "a malformed ChangeCipherSpec", NULL, false},
    {"ChangeCipherSpec: of two bytes", "14 0303 0002 0101", MALFORMED,
     "a malformed ChangeCipherSpec", NULL, false},
    {"ChangeCipherSpec: behind ServerHello of TLS 1.2", RECORD(HELLO_RSA) CCS, MALFORMED,
     "ChangeCipherSpec inside the flight", NULL, false},
    {"ChangeCipherSpec: inside a message", RECORD("02 000026 0303") CCS, MALFORMED,
     "ChangeCipherSpec inside the flight", NULL, false},

    {"ChangeCipherSpec: behind one byte of a message", RECORD("02") CCS, MALFORMED,
     "ChangeCipherSpec inside the flight", NULL, false},

    {"message: a flight in one record", RECORD(FLIGHT_RSA), TC_FLIGHT_HELLO_DONE, NULL, has_flight,
     false},
    {"message: a record for each", RECORD(HELLO_RSA) RECORD(CERTIFICATE) RECORD(DONE),
     TC_FLIGHT_HELLO_DONE, NULL, has_flight, false},
    {"message: cut in its header and its body",
     RECORD("02") RECORD("0000") RECORD("26 0303 0001020304050607")
         RECORD("08090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f 00 002f 00 0b 0000")
             RECORD("09 000006 000003 aabbcc 0e00") RECORD("0000"),
     TC_FLIGHT_HELLO_DONE, NULL, has_flight, false},
    {"message: all that there are",
     RECORD(HELLO_DHE CERTIFICATE STATUS EXCHANGE(PARAMETERS_DHE) REQUEST DONE),
     TC_FLIGHT_HELLO_DONE, NULL, has_all_messages, false},
    {"message: what follows the flight is not read", RECORD(FLIGHT_RSA) "485454",
     TC_FLIGHT_HELLO_DONE, NULL, has_flight, false},
    {"message: bytes behind ServerHelloDone in its record", RECORD(FLIGHT_RSA "00"), MALFORMED,
     "handshake bytes behind the flight's end", NULL, false},
    {"message: ServerHelloDone that is not empty", RECORD(HELLO_RSA CERTIFICATE "0e 000001 00"),
     MALFORMED, "a ServerHelloDone that is not empty", NULL, false},
    {"message: HelloRequest is passed over",
     RECORD(HELLO_REQUEST HELLO_RSA HELLO_REQUEST CERTIFICATE DONE), TC_FLIGHT_HELLO_DONE, NULL,
     has_flight, false},
    {"message: HelloRequest that is not empty", RECORD("00 000001 00"), MALFORMED,
     "a message of a type that does not belong here", NULL, false},
    {"message: 64 of them",
     RECORD(X32(HELLO_REQUEST) X8(X2(HELLO_REQUEST)) X8(HELLO_REQUEST) X4(HELLO_REQUEST)
                HELLO_REQUEST FLIGHT_RSA),
     TC_FLIGHT_HELLO_DONE, NULL, has_flight, false},
    {"message: 65 of them", RECORD(X64(HELLO_REQUEST) HELLO_REQUEST), TC_FLIGHT_TOO_LARGE,
     "a cap was reached", NULL, false},
    {"message: a client's", RECORD("01 000000"), MALFORMED,
     "a message of a type that does not belong here", NULL, false},
    {"message: NewSessionTicket inside the flight", RECORD(HELLO_RSA "04 000000"), MALFORMED,
     "a message of a type that does not belong here", NULL, false},
    {"message: type 255", RECORD("ff 000000"), MALFORMED,
     "a message of a type that does not belong here", NULL, false},
    {"message: Certificate before ServerHello", RECORD(CERTIFICATE), MALFORMED,
     "a message out of order", NULL, false},
    {"message: ServerHelloDone alone", RECORD(DONE), MALFORMED, "a message out of order", NULL,
     false},
    {"message: ServerHello twice", RECORD(HELLO_RSA HELLO_RSA), MALFORMED, "a message out of order",
     NULL, false},
    {"message: Certificate twice", RECORD(HELLO_RSA CERTIFICATE CERTIFICATE), MALFORMED,
     "a message out of order", NULL, false},
    {"message: CertificateStatus before Certificate", RECORD(HELLO_RSA STATUS CERTIFICATE),
     MALFORMED, "a message out of order", NULL, false},
    {"message: ServerKeyExchange before Certificate",
     RECORD(HELLO_DHE EXCHANGE(PARAMETERS_DHE) CERTIFICATE), MALFORMED, "a message out of order",
     NULL, false},
    {"message: CertificateRequest before ServerKeyExchange",
     RECORD(HELLO_DHE CERTIFICATE REQUEST EXCHANGE(PARAMETERS_DHE)), MALFORMED,
     "a message out of order", NULL, false},
    {"message: CertificateStatus behind ServerKeyExchange",
     RECORD(HELLO_DHE CERTIFICATE EXCHANGE(PARAMETERS_DHE) STATUS), MALFORMED,
     "a message out of order", NULL, false},
    {"message: 10 MiB announced for ServerHello", RECORD("02 a00000"), TC_FLIGHT_TOO_LARGE,
     "a cap was reached", has_no_hello, false},
    {"message: 10 MiB announced for Certificate", RECORD(HELLO_RSA "0b a00000"),
     TC_FLIGHT_TOO_LARGE, "a cap was reached", NULL, false},
    {"message: 16 MiB announced in a header that is cut", RECORD("02ffff") RECORD("ff"),
     TC_FLIGHT_TOO_LARGE, "a cap was reached", NULL, false},
};

/* All bytes of the answer count, those of a settled flight's end as well. */
static void check_cap(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = hex_read(bytes, sizeof bytes, RECORD(FLIGHT_RSA));
    for (size_t max_bytes = 0; max_bytes <= len; max_bytes++) {
        struct tc_flight_options options = {.max_bytes = max_bytes};
        struct tc_flight flight;
        flight_play(&flight, &options, bytes, len, 0);
        assert_int_equal(flight.state,
                         max_bytes < len ? TC_FLIGHT_TOO_LARGE : TC_FLIGHT_HELLO_DONE);
        assert_true(flight_is_sound(&flight, &options));
        assert_true(flight_is_steady(&options, bytes, len));
        tc_flight_cleanup(&flight);
    }
}

/* An answer of exactly the cap's length that is not whole may still end there. */
static void check_cap_reached(void **state)
{
    (void)state;
    uint8_t bytes[256];
    (void)hex_read(bytes, sizeof bytes, RECORD(FLIGHT_RSA));
    struct tc_flight_options options = {.max_bytes = 20};
    struct tc_flight flight;
    flight_play(&flight, &options, bytes, 20, 0);
    assert_int_equal(flight.state, TC_FLIGHT_READING);
    assert_int_equal(tc_flight_feed(&flight, NULL, 0), TC_FLIGHT_READING);
    assert_int_equal(tc_flight_feed(&flight, bytes + 20, 1), TC_FLIGHT_TOO_LARGE);
    assert_int_equal(flight.read_bytes, 20);
    tc_flight_cleanup(&flight);
}

static void check_not_kept(void **state)
{
    (void)state;
    uint8_t bytes[256];
    uint8_t digest[32];
    size_t len = hex_read(bytes, sizeof bytes, RECORD(FLIGHT_RSA));
    struct tc_flight_options options = {.max_bytes = 4096};
    struct tc_flight flight;
    flight_play(&flight, &options, bytes, len, 0);
    assert_int_equal(flight.state, TC_FLIGHT_HELLO_DONE);
    assert_int_equal(flight.num_certificates, 1);
    assert_int_equal(flight.certificates.len, 0);
    assert_false(tc_flight_leaf_sha256(&flight, digest));
    tc_flight_cleanup(&flight);
}

/* What lies whole in the bytes fed is read there: no memory is asked for. */
static unsigned g_num_reallocs;
static unsigned g_failing_realloc; /* its number, from 1; 0: none fails */

void *__real_realloc(void *memory, size_t bytes); /* NOLINT: the linker's name */
void *__wrap_realloc(void *memory, size_t bytes); /* NOLINT: likewise */

void *__wrap_realloc(void *memory, size_t bytes) /* NOLINT: likewise */
{
    g_num_reallocs++;
    return g_num_reallocs == g_failing_realloc ? NULL : __real_realloc(memory, bytes);
}

static void check_no_copy(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len = hex_read(bytes, sizeof bytes, RECORD(HELLO_RSA) RECORD(CERTIFICATE) RECORD(DONE));
    struct tc_flight_options options = {.max_bytes = 4096};
    struct tc_flight flight;
    g_num_reallocs = 0;
    flight_play(&flight, &options, bytes, len, 0);
    assert_int_equal(flight.state, TC_FLIGHT_HELLO_DONE);
    assert_int_equal(g_num_reallocs, 0);
    tc_flight_cleanup(&flight);
}

static void check_memory(void **state)
{
    (void)state;
    uint8_t bytes[256];
    size_t len =
        hex_read(bytes, sizeof bytes,
                 RECORD("0200") RECORD("0026 0303 " RANDOM_TEXT "00 002f 00" CERTIFICATE DONE));
    struct tc_flight_options options = {.max_bytes = 4096, .keep_certificates = true};
    unsigned num_failures = 0;
    enum tc_flight_state last = TC_FLIGHT_READING;
    for (unsigned failing = 1; last != TC_FLIGHT_HELLO_DONE; failing++) {
        struct tc_flight flight;
        g_num_reallocs = 0;
        g_failing_realloc = failing;
        flight_play(&flight, &options, bytes, len, 3);
        g_failing_realloc = 0;
        last = flight.state;
        if (last != TC_FLIGHT_HELLO_DONE) {
            num_failures++;
            assert_int_equal(last, TC_FLIGHT_TOO_LARGE);
            assert_string_equal(flight.problem, "memory ran out");
            assert_true(flight_is_sound(&flight, &options));
        }
        tc_flight_cleanup(&flight);
    }
    assert_true(num_failures >= 3); /* a record, a message, the certificates */
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases) + 5] = {
        cmocka_unit_test(check_cap),      cmocka_unit_test(check_cap_reached),
        cmocka_unit_test(check_not_kept), cmocka_unit_test(check_no_copy),
        cmocka_unit_test(check_memory),
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[5 + i] = (struct CMUnitTest){cases[i].name, check_flight_case, NULL, NULL, &cases[i]};
    }
    return cmocka_run_group_tests_name("flight", tests, NULL, NULL);
}
