/* Certificate, CertificateStatus and CertificateRequest of TLS 1.2 and below. */
#include "test_support.h"

#include <string.h>

#include <openssl/sha.h>

#include "flight_case.h"

/* A flight of TLS 1.2 with static RSA, so that nothing else stands in it. */
#define FLIGHT(version, messages) RECORD(HELLO(version, "002f", "") messages DONE)
#define CERTIFICATES(list)        "0b (3 (3 " list ") ) "
#define CHAIN(body)               RECORD(HELLO("0303", "002f", "") "0b (3 " body ") " DONE)
#define STATUS(body)              FLIGHT("0303", CERTIFICATE "16 (3 " body ") ")
#define REQUEST(body)             FLIGHT("0303", CERTIFICATE "0d (3 " body ") ")
#define REQUEST_11(body)          FLIGHT("0302", CERTIFICATE "0d (3 " body ") ")

static void has_chain(const struct tc_flight *flight)
{
    static const uint8_t k_body[] = {0, 0, 14, 0, 0, 3, 0xaa, 0xbb, 0xcc, 0, 0, 1, 1, 0, 0, 1, 2};
    static const uint8_t k_leaf[] = {0xaa, 0xbb, 0xcc};
    uint8_t expected[SHA256_DIGEST_LENGTH];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    assert_int_equal(flight->num_certificates, 3);
    assert_int_equal(flight->certificates.len, sizeof k_body);
    assert_memory_equal(flight->certificates.data, k_body, sizeof k_body);
    SHA256(k_leaf, sizeof k_leaf, expected);
    assert_true(tc_flight_leaf_sha256(flight, digest));
    assert_memory_equal(digest, expected, sizeof digest);
}

static void has_no_leaf(const struct tc_flight *flight)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    assert_int_equal(flight->num_certificates, 0);
    assert_false(tc_flight_leaf_sha256(flight, digest));
}

static void has_status(const struct tc_flight *flight)
{
    assert_true(flight->has_certificate_status);
    assert_false(flight->has_certificate_request);
}

static void has_no_status(const struct tc_flight *flight)
{
    assert_int_equal(flight->num_certificates, 1);
    assert_false(flight->has_certificate_status);
    assert_false(flight->has_certificate_request);
}

static void has_names(const struct tc_flight *flight)
{
    static const uint8_t k_names[] = {0, 2, 0x30, 0, 0, 1, 0x31};
    assert_true(flight->has_certificate_request);
    assert_int_equal(flight->ca_names.len, sizeof k_names);
    assert_memory_equal(flight->ca_names.data, k_names, sizeof k_names);
}

static void has_request(const struct tc_flight *flight)
{
    assert_true(flight->has_certificate_request);
    assert_int_equal(flight->ca_names.len, 0);
}

#define PASSES(name, text, check)                                                                  \
    {                                                                                              \
        name, text, TC_FLIGHT_HELLO_DONE, NULL, check, false                                       \
    }
#define FAILS(name, text, problem)                                                                 \
    {                                                                                              \
        name, text, MALFORMED, problem, NULL, false                                                \
    }
#define BAD_CHAIN   "a malformed Certificate"
#define BAD_STATUS  "a malformed CertificateStatus"
#define BAD_REQUEST "a malformed CertificateRequest"

static struct flight_case cases[] = {
    PASSES("Certificate: three, kept as they came",
           FLIGHT("0303", CERTIFICATES("(3 aabbcc) (3 01) (3 02)")), has_chain),
    PASSES("Certificate: none, with a suite that needs none",
           RECORD(HELLO("0303", "9999", "") CERTIFICATES("") DONE), has_no_leaf),
    FAILS("Certificate: empty", CHAIN(""), BAD_CHAIN),
    FAILS("Certificate: the list is a byte too long", CHAIN("000007 (3 aabbcc)"), BAD_CHAIN),
    FAILS("Certificate: the list is a byte too short", CHAIN("000005 (3 aabbcc)"), BAD_CHAIN),
    FAILS("Certificate: bytes behind the list", CHAIN("(3 (3 aabbcc) ) 00"), BAD_CHAIN),
    FAILS("Certificate: one of 0 bytes", CHAIN("(3 (3 aabbcc) (3 ) )"), BAD_CHAIN),
    FAILS("Certificate: the first is longer than the list", CHAIN("(3 000004 aabbcc)"), BAD_CHAIN),
    FAILS("Certificate: cut in a length", CHAIN("(3 (3 aabbcc) 0000 )"), BAD_CHAIN),
    FAILS("Certificate: one byte behind the last", CHAIN("(3 (3 aabbcc) 00)"), BAD_CHAIN),
    FAILS("Certificate: as TLS 1.3 writes it", CHAIN("(1 ) (3 (3 aabbcc) (2 ) )"), BAD_CHAIN),

    PASSES("CertificateStatus: OCSP", STATUS("01 (3 3003)"), has_status),
    PASSES("CertificateStatus: a list, RFC 6961", STATUS("02 (3 (3 3003) (3 ) )"), has_status),
    PASSES("CertificateStatus: none", FLIGHT("0303", CERTIFICATE), has_no_status),
    FAILS("CertificateStatus: empty", STATUS(""), BAD_STATUS),
    FAILS("CertificateStatus: type 0", STATUS("00 (3 3003)"), BAD_STATUS),
    FAILS("CertificateStatus: type 3", STATUS("03 (3 3003)"), BAD_STATUS),
    FAILS("CertificateStatus: a response of 0 bytes", STATUS("01 (3 )"), BAD_STATUS),
    FAILS("CertificateStatus: a byte too long", STATUS("01 000003 3003"), BAD_STATUS),
    FAILS("CertificateStatus: a byte too short", STATUS("01 000001 3003"), BAD_STATUS),

    PASSES("CertificateRequest: TLS 1.2, with names",
           REQUEST("(1 0140) (2 04030804) (2 (2 3000) (2 31) )"), has_names),
    PASSES("CertificateRequest: TLS 1.2, without", REQUEST("(1 01) (2 0403) (2 )"), has_request),
    PASSES("CertificateRequest: TLS 1.1 has no schemes",
           REQUEST_11("(1 0102) (2 (2 3000) (2 31) )"), has_names),
    PASSES("CertificateRequest: SSL 3.0 likewise",
           FLIGHT("0300", CERTIFICATE "0d (3 (1 01) (2 ) )"), has_request),
    FAILS("CertificateRequest: empty", REQUEST(""), BAD_REQUEST),
    FAILS("CertificateRequest: no type", REQUEST("(1 ) (2 0403) (2 )"), BAD_REQUEST),
    FAILS("CertificateRequest: more types than bytes", REQUEST("05 0102"), BAD_REQUEST),
    FAILS("CertificateRequest: no scheme", REQUEST("(1 01) (2 ) (2 )"), BAD_REQUEST),
    FAILS("CertificateRequest: half a scheme", REQUEST("(1 01) (2 040308) (2 )"), BAD_REQUEST),
    FAILS("CertificateRequest: TLS 1.2 without schemes", REQUEST("(1 01) (2 )"), BAD_REQUEST),
    FAILS("CertificateRequest: TLS 1.1 with schemes", REQUEST_11("(1 01) (2 0403) (2 )"),
          BAD_REQUEST),
    FAILS("CertificateRequest: no list of names", REQUEST("(1 01) (2 0403)"), BAD_REQUEST),
    FAILS("CertificateRequest: a name of 0 bytes", REQUEST("(1 01) (2 0403) (2 (2 3000) (2 ) )"),
          BAD_REQUEST),
    FAILS("CertificateRequest: a name longer than the list",
          REQUEST("(1 01) (2 0403) (2 0003 3000)"), BAD_REQUEST),
    FAILS("CertificateRequest: one byte behind the last name",
          REQUEST("(1 01) (2 0403) (2 (2 3000) 00)"), BAD_REQUEST),
    FAILS("CertificateRequest: bytes behind the names", REQUEST("(1 01) (2 0403) (2 ) 00"),
          BAD_REQUEST),
};

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i] = (struct CMUnitTest){cases[i].name, check_flight_case, NULL, NULL, &cases[i]};
    }
    return cmocka_run_group_tests_name("flight_certificate", tests, NULL, NULL);
}
