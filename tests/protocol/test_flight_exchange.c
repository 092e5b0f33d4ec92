/* ServerKeyExchange of TLS 1.2 and below, in all of its forms. */
#include "test_support.h"

#include <string.h>

#include <openssl/sha.h>

#include "flight_case.h"
#include "hex.h"

#define SIGNATURE_12 "0804 (2 aabb) " /* TLS 1.2 names the scheme */
#define SIGNATURE_11 "(2 aabb) "
#define POINT        "(1 04aabb) "
#define P_23         "(2 17) " /* a prime of 5 bits */
#define G_2          "(2 02) "
#define Y_5          "(2 05) "
#define DH           P_23 G_2 Y_5
#define FLIGHT(version, suite, exchange)                                                           \
    RECORD(HELLO(version, suite, "") CERTIFICATE EXCHANGE(exchange) DONE)
#define FLIGHT_ANON(version, suite, exchange)                                                      \
    RECORD(HELLO(version, suite, "") EXCHANGE(exchange) DONE)
#define ECDHE(exchange)   FLIGHT("0303", "c02f", exchange)
#define DHE(exchange)     FLIGHT("0303", "0033", exchange)
#define DH_ANON(exchange) FLIGHT_ANON("0303", "0034", exchange)

static void is_ecdhe(const struct tc_flight *flight)
{
    assert_int_equal(flight->exchange, TC_EXCHANGE_ECDHE);
    assert_int_equal(flight->group, 23);
    assert_int_equal(flight->signature_scheme, 0x0804);
    assert_int_equal(flight->dh_bits, 0);
}

static void is_unsigned_ecdhe(const struct tc_flight *flight)
{
    assert_int_equal(flight->exchange, TC_EXCHANGE_ECDHE);
    assert_int_equal(flight->group, 23);
    assert_int_equal(flight->signature_scheme, 0);
}

static void is_other(const struct tc_flight *flight)
{
    assert_int_equal(flight->exchange, TC_EXCHANGE_OTHER);
    assert_int_equal(flight->group, 0);
    assert_int_equal(flight->dh_bits, 0);
    assert_int_equal(flight->signature_scheme, 0);
}

static void has_no_exchange(const struct tc_flight *flight)
{
    assert_int_equal(flight->exchange, TC_EXCHANGE_NONE);
}

static void is_rsa_export(const struct tc_flight *flight)
{
    assert_int_equal(flight->exchange, TC_EXCHANGE_RSA_EXPORT);
    assert_int_equal(flight->group, 0);
}

static void is_dhe(const struct tc_flight *flight)
{
    static const uint8_t k_p[] = {0x17};
    static const uint8_t k_y[] = {0x05};
    uint8_t digest[SHA256_DIGEST_LENGTH];
    assert_int_equal(flight->exchange, TC_EXCHANGE_DHE);
    assert_int_equal(flight->dh_bits, 5);
    assert_int_equal(flight->dh_g, 2);
    SHA256(k_p, sizeof k_p, digest);
    assert_memory_equal(flight->dh_p_sha256, digest, sizeof digest);
    SHA256(k_y, sizeof k_y, digest);
    assert_memory_equal(flight->dh_y_sha256, digest, sizeof digest);
    assert_int_equal(flight->group, 0);
}

static void is_signed_dhe(const struct tc_flight *flight)
{
    is_dhe(flight);
    assert_int_equal(flight->signature_scheme, 0x0804);
}

static void has_g_of_four_bytes(const struct tc_flight *flight)
{
    assert_int_equal(flight->dh_bits, 40);
    assert_true(flight->dh_g == 0xfedcba98U);
}

static void has_g_of_five_bytes(const struct tc_flight *flight)
{
    assert_int_equal(flight->dh_bits, 41);
    assert_int_equal(flight->dh_g, 0);
}

#define PASSES(name, text, check)                                                                  \
    {                                                                                              \
        name, text, TC_FLIGHT_HELLO_DONE, NULL, check, false                                       \
    }
#define FAILS(name, text, problem)                                                                 \
    {                                                                                              \
        name, text, MALFORMED, problem, NULL, false                                                \
    }
#define BAD_ECDH "malformed ECDH parameters"
#define BAD_DH   "malformed Diffie-Hellman parameters"
#define NOT_LESS "a Diffie-Hellman number that is not below the prime"
#define BAD_SIGN "a malformed signature in ServerKeyExchange"
#define BEHIND   "bytes behind ServerKeyExchange"
#define UNWANTED "a ServerKeyExchange that the suite does not have"
#define MISSING  "no ServerKeyExchange, which the suite needs"
#define NO_CERT  "no certificate, which the suite needs"

static struct flight_case cases[] = {
    PASSES("ECDHE: TLS 1.2", ECDHE("03 0017" POINT SIGNATURE_12), is_ecdhe),
    PASSES("ECDHE: TLS 1.1 names no scheme", FLIGHT("0302", "c013", "03 0017" POINT SIGNATURE_11),
           is_unsigned_ecdhe),
    PASSES("ECDHE: SSL 3.0", FLIGHT("0300", "c013", "03 0017" POINT SIGNATURE_11),
           is_unsigned_ecdhe),
    PASSES("ECDHE: anonymous, without signature", FLIGHT_ANON("0303", "c018", "03 0017" POINT),
           is_unsigned_ecdhe),
    PASSES("ECDHE: an explicit prime curve is not read", ECDHE("01 aabbcc"), is_other),
    PASSES("ECDHE: nor is one over a binary field", ECDHE("02"), is_other),
    PASSES("ECDHE_PSK: the hint comes first, nothing is signed",
           FLIGHT_ANON("0303", "c035", "(2 68696e74) 03 0017" POINT), is_unsigned_ecdhe),
    PASSES("DHE: TLS 1.2", DHE(DH SIGNATURE_12), is_signed_dhe),
    PASSES("DHE: TLS 1.0", FLIGHT("0301", "0033", DH SIGNATURE_11), is_dhe),
    PASSES("DHE: export is like any", FLIGHT("0301", "0014", DH SIGNATURE_11), is_dhe),
    PASSES("DHE: leading zeros do not count", DHE("(2 000017) (2 0002) (2 000005)" SIGNATURE_12),
           is_signed_dhe),
    PASSES("DHE: anonymous", DH_ANON(DH), is_dhe),
    PASSES("DHE: a generator of four bytes", DH_ANON("(2 ffffffffff) (2 00fedcba98) (2 02)"),
           has_g_of_four_bytes),
    PASSES("DHE: a generator of five bytes is too long to keep",
           DH_ANON("(2 010000000001) (2 fedcba9876) (2 02)"), has_g_of_five_bytes),
    PASSES("DHE_PSK: the hint comes first", FLIGHT_ANON("0303", "0090", "(2 )" DH), is_dhe),
    PASSES("RSA_EXPORT: a key for the moment",
           FLIGHT("0301", "0003", "(2 c3ffee01) (2 010001)" SIGNATURE_11), is_rsa_export),
    PASSES("RSA_EXPORT: the certificate's own key",
           RECORD(HELLO("0301", "0003", "") CERTIFICATE DONE), has_no_exchange),
    PASSES("RSA: none", RECORD(HELLO("0303", "002f", "") CERTIFICATE DONE), has_no_exchange),
    PASSES("PSK: a hint", FLIGHT_ANON("0303", "008c", "(2 68696e74)"), is_other),
    PASSES("PSK: none", RECORD(HELLO("0303", "008c", "") DONE), has_no_exchange),
    PASSES("RSA_PSK: certificate and hint", FLIGHT("0303", "0094", "(2 68)"), is_other),
    PASSES("SRP: not read", FLIGHT_ANON("0303", "c01d", "aabbcc"), is_other),
    PASSES("a suite that nobody registered: not read", FLIGHT_ANON("0303", "9999", "aabbcc"),
           is_other),
    PASSES("and its message may be empty", FLIGHT_ANON("0303", "9999", ""), is_other),

    FAILS("ECDHE: empty", ECDHE(""), BAD_ECDH),
    FAILS("ECDHE: curve type 0", ECDHE("00 0017" POINT SIGNATURE_12), BAD_ECDH),
    FAILS("ECDHE: curve type 4", ECDHE("04 0017" POINT SIGNATURE_12), BAD_ECDH),
    FAILS("ECDHE: cut in the group", ECDHE("03 00"), BAD_ECDH),
    FAILS("ECDHE: group 0", ECDHE("03 0000" POINT SIGNATURE_12), BAD_ECDH),
    FAILS("ECDHE: no point", ECDHE("03 0017"), BAD_ECDH),
    FAILS("ECDHE: an empty point", ECDHE("03 0017 (1 )" SIGNATURE_12), BAD_ECDH),
    FAILS("ECDHE: the point is longer than the message", ECDHE("03 0017 05 04aabbcc"), BAD_ECDH),
    FAILS("ECDHE: no signature", ECDHE("03 0017" POINT), BAD_SIGN),
    FAILS("ECDHE: a scheme without signature", ECDHE("03 0017" POINT "0804"), BAD_SIGN),
    FAILS("ECDHE: an empty signature", ECDHE("03 0017" POINT "0804 (2 )"), BAD_SIGN),
    FAILS("ECDHE: the signature is a byte too long", ECDHE("03 0017" POINT "0804 0003 aabb"),
          BAD_SIGN),
    FAILS("ECDHE: the signature is a byte too short", ECDHE("03 0017" POINT "0804 0001 aabb"),
          BEHIND),
    FAILS("ECDHE: TLS 1.2 without scheme", ECDHE("03 0017" POINT SIGNATURE_11), BAD_SIGN),
    FAILS("ECDHE: TLS 1.1 with a scheme", FLIGHT("0302", "c013", "03 0017" POINT SIGNATURE_12),
          BAD_SIGN),
    FAILS("ECDHE: anonymous, yet signed", FLIGHT_ANON("0303", "c018", "03 0017" POINT SIGNATURE_12),
          BEHIND),
    FAILS("ECDHE: bytes behind the signature", ECDHE("03 0017" POINT SIGNATURE_12 "00"), BEHIND),
    FAILS("ECDHE_PSK: signed", FLIGHT_ANON("0303", "c035", "(2 68) 03 0017" POINT SIGNATURE_12),
          BEHIND),
    FAILS("ECDHE_PSK: no hint", FLIGHT_ANON("0303", "c035", "ff"), "a malformed PSK identity hint"),
    FAILS("DHE: empty", DHE(""), BAD_DH),
    FAILS("DHE: p of 0 bytes", DHE("(2 )" G_2 Y_5 SIGNATURE_12), BAD_DH),
    FAILS("DHE: p of zeros", DHE("(2 0000)" G_2 Y_5 SIGNATURE_12), BAD_DH),
    FAILS("DHE: p is even", DHE("(2 16)" G_2 Y_5 SIGNATURE_12),
          "a Diffie-Hellman prime that is even"),
    FAILS("DHE: p is 1", DHE("(2 01)" G_2 Y_5 SIGNATURE_12), NOT_LESS),
    FAILS("DHE: g of 0 bytes", DHE(P_23 "(2 )" Y_5 SIGNATURE_12), BAD_DH),
    FAILS("DHE: g is 0", DHE(P_23 "(2 00)" Y_5 SIGNATURE_12), BAD_DH),
    FAILS("DHE: g is p", DHE(P_23 "(2 17)" Y_5 SIGNATURE_12), NOT_LESS),
    FAILS("DHE: g is longer than p", DHE(P_23 "(2 0101)" Y_5 SIGNATURE_12), NOT_LESS),
    FAILS("DHE: no public value", DHE(P_23 G_2), BAD_DH),
    FAILS("DHE: a public value of 0 bytes", DHE(P_23 G_2 "(2 )" SIGNATURE_12), BAD_DH),
    FAILS("DHE: a public value of 0", DHE(P_23 G_2 "(2 00)" SIGNATURE_12), BAD_DH),
    FAILS("DHE: a public value of p", DHE(P_23 G_2 "(2 17)" SIGNATURE_12), NOT_LESS),
    FAILS("DHE: a public value cut by a byte", DHE(P_23 G_2 "0002 05"), BAD_DH),
    FAILS("DHE: no signature", DHE(DH), BAD_SIGN),
    FAILS("DHE: anonymous, yet signed", DH_ANON(DH SIGNATURE_12), BEHIND),
    FAILS("DHE_PSK: the hint is longer than the message", FLIGHT_ANON("0303", "0090", "ffff 17"),
          "a malformed PSK identity hint"),
    FAILS("RSA_EXPORT: no exponent", FLIGHT("0301", "0003", "(2 c3ffee01)"),
          "malformed RSA parameters"),
    FAILS("RSA_EXPORT: a modulus of 0", FLIGHT("0301", "0003", "(2 00) (2 03)" SIGNATURE_11),
          "malformed RSA parameters"),
    FAILS("RSA_EXPORT: not signed", FLIGHT("0301", "0003", "(2 c3ffee01) (2 03)"), BAD_SIGN),
    FAILS("PSK: bytes behind the hint", FLIGHT_ANON("0303", "008c", "(2 68) 00"), BEHIND),
    FAILS("PSK: one byte", FLIGHT_ANON("0303", "008c", "00"), "a malformed PSK identity hint"),
    FAILS("RSA: has none", FLIGHT("0303", "002f", DH SIGNATURE_12), UNWANTED),
    FAILS("fixed DH: has none", FLIGHT("0303", "0031", DH SIGNATURE_12), UNWANTED),
    FAILS("fixed ECDH: has none", FLIGHT("0303", "c00e", "03 0017" POINT SIGNATURE_12), UNWANTED),
    FAILS("ECDHE: none", RECORD(HELLO("0303", "c02f", "") CERTIFICATE DONE), MISSING),
    FAILS("DHE: none", RECORD(HELLO("0303", "0033", "") CERTIFICATE DONE), MISSING),
    FAILS("DHE: anonymous, none", RECORD(HELLO("0303", "0034", "") DONE), MISSING),
    FAILS("RSA: no Certificate", RECORD(HELLO("0303", "002f", "") DONE), NO_CERT),
    FAILS("RSA: a Certificate without one",
          RECORD(HELLO("0303", "002f", "") "0b 000003 000000" DONE), NO_CERT),
    FAILS("ECDHE: no Certificate",
          RECORD(HELLO("0303", "c02f", "") EXCHANGE("03 0017" POINT SIGNATURE_12) DONE), NO_CERT),
    FAILS("RSA_PSK: no Certificate", RECORD(HELLO("0303", "0094", "") DONE), NO_CERT),
};

/* Primes too long for a row: 0xff… with as many bits as wanted, in one message over two records. */
static struct size_case {
    const char *name;
    size_t p_bytes;
    enum tc_flight_state state;
    uint16_t bits;
} size_cases[] = {
    {"DHE: 2,048 bits", 256, TC_FLIGHT_HELLO_DONE, 2048},
    {"DHE: 16,384 bits are the most", 2048, TC_FLIGHT_HELLO_DONE, 16384},
    {"DHE: 16,392 bits", 2049, MALFORMED, 0},
    {"DHE: 20,000 bits", 2500, MALFORMED, 0},
    {"DHE: 65,536 bits, one more than the field holds", 8192, MALFORMED, 0},
    {"DHE: the longest that its length can say", 65535, MALFORMED, 0},
};

static size_t put_record(uint8_t *out, size_t at, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        size_t taken = len < 16384 ? len : 16384;
        const uint8_t header[] = {22, 3, 3, (uint8_t)(taken >> 8), (uint8_t)(taken & 0xff)};
        memcpy(out + at, header, sizeof header);
        memcpy(out + at + sizeof header, bytes, taken);
        at += sizeof header + taken;
        bytes += taken;
        len -= taken;
    }
    return at;
}

static void check_size(void **state)
{
    static uint8_t message[70000];
    static uint8_t bytes[70000];
    const struct size_case *row = *state;
    const struct tc_flight_options options = {.max_bytes = 256 * 1024};
    struct tc_flight flight;
    size_t body_bytes = 2 + row->p_bytes + 6;
    const uint8_t header[] = {12,
                              (uint8_t)(body_bytes >> 16),
                              (uint8_t)((body_bytes >> 8) & 0xff),
                              (uint8_t)(body_bytes & 0xff),
                              (uint8_t)(row->p_bytes >> 8),
                              (uint8_t)(row->p_bytes & 0xff)};
    memcpy(message, header, sizeof header);
    memset(message + sizeof header, 0xff, row->p_bytes);
    size_t len = sizeof header + row->p_bytes;
    len += hex_read(message + len, 16, "(2 02) (2 05)" DONE);
    size_t total = hex_read(bytes, sizeof bytes, RECORD(HELLO("0303", "0034", "")));
    total = put_record(bytes, total, message, len);
    tc_flight_init(&flight, &options);
    assert_int_equal(tc_flight_feed(&flight, bytes, total), row->state);
    assert_int_equal(flight.dh_bits, row->bits);
    if (row->state == MALFORMED) {
        assert_string_equal(flight.problem, "a Diffie-Hellman prime of more than 16,384 bits");
    }
    tc_flight_cleanup(&flight);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases) + TC_ARRAY_LEN(size_cases)] = {0};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[num++] = (struct CMUnitTest){cases[i].name, check_flight_case, NULL, NULL, &cases[i]};
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(size_cases); i++) {
        tests[num++] =
            (struct CMUnitTest){size_cases[i].name, check_size, NULL, NULL, &size_cases[i]};
    }
    return cmocka_run_group_tests_name("flight_exchange", tests, NULL, NULL);
}
