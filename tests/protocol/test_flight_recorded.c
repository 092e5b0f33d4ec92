/*
 * Flights of real servers (OpenSSL 3.0, GnuTLS 3.7, nginx 1.22), as they came: the fuzz corpus. A
 * file may hold bytes behind the flight's end.
 */
#include "test_support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flight_case.h"
#include "flight_play.h"

#define FILE_MAX_BYTES 8192U

struct facts {
    enum tc_flight_state state;
    uint16_t version;
    uint32_t suite;
    uint16_t group;
    size_t num_certificates;
    enum tc_flight_exchange exchange;
    uint16_t signature_scheme;
    uint16_t dh_bits;
    uint8_t alert;
    uint8_t num_warnings;
    unsigned sentinel;
    bool has_request;
    bool has_status;
    const char *alpn; /* NULL: none */
    size_t num_extensions;
    uint16_t extensions[12];
};

static struct recorded_case {
    const char *name; /* of the file */
    struct facts facts;
} cases[] = {
    {"openssl-tls13-retry",
     {.state = TC_FLIGHT_HELLO_RETRY,
      .version = 0x0304,
      .suite = 0x1301,
      .group = 29,
      .num_extensions = 2,
      .extensions = {43, 51}}},
    {"openssl-tls13",
     {.state = TC_FLIGHT_SERVER_HELLO,
      .version = 0x0304,
      .suite = 0x1301,
      .group = 29,
      .num_extensions = 2,
      .extensions = {43, 51}}},
    {"openssl-tls12-ecdhe",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0xc02b,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .signature_scheme = 0x0403,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 11, 35, 16, 23}}},
    {"openssl-tls12-dhe",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0x0033,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_DHE,
      .signature_scheme = 0x0804,
      .dh_bits = 1024,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls12-rsa",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0x002f,
      .num_certificates = 1,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls12-aecdh",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0xc018,
      .group = 29,
      .exchange = TC_EXCHANGE_ECDHE,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 6,
      .extensions = {65281, 11, 35, 16, 22, 23}}},
    {"openssl-tls12-psk",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0x008c,
      .exchange = TC_EXCHANGE_OTHER,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls12-dhe-psk",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0x0090,
      .exchange = TC_EXCHANGE_DHE,
      .dh_bits = 1024,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls12-ecdhe-psk",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0xc035,
      .group = 29,
      .exchange = TC_EXCHANGE_ECDHE,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls12-rsa-psk",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0x0094,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_OTHER,
      .sentinel = 2,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls12-warning-request",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0xc02b,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .signature_scheme = 0x0403,
      .num_warnings = 1,
      .sentinel = 2,
      .has_request = true,
      .num_extensions = 4,
      .extensions = {65281, 11, 35, 23}}},
    {"openssl-tls11",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0302,
      .suite = 0xc013,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .sentinel = 1,
      .alpn = "h2",
      .num_extensions = 6,
      .extensions = {65281, 11, 35, 16, 22, 23}}},
    {"openssl-tls10-dhe",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0301,
      .suite = 0x0039,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_DHE,
      .dh_bits = 1024,
      .sentinel = 1,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls10-adh",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0301,
      .suite = 0x0034,
      .exchange = TC_EXCHANGE_DHE,
      .dh_bits = 1024,
      .sentinel = 1,
      .alpn = "h2",
      .num_extensions = 5,
      .extensions = {65281, 35, 16, 22, 23}}},
    {"openssl-tls10-request",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0301,
      .suite = 0xc009,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .num_warnings = 1,
      .sentinel = 1,
      .has_request = true,
      .num_extensions = 5,
      .extensions = {65281, 11, 35, 22, 23}}},
    {"openssl-alert", {.state = TC_FLIGHT_ALERT, .alert = 40}},
    {"openssl-tls12-unrecognized", {.state = TC_FLIGHT_ALERT, .alert = 112}},
    {"gnutls-tls13-retry",
     {.state = TC_FLIGHT_HELLO_RETRY,
      .version = 0x0304,
      .suite = 0x1301,
      .group = 29,
      .num_extensions = 2,
      .extensions = {51, 43}}},
    {"gnutls-tls13",
     {.state = TC_FLIGHT_SERVER_HELLO,
      .version = 0x0304,
      .suite = 0x1301,
      .group = 29,
      .num_extensions = 2,
      .extensions = {51, 43}}},
    {"gnutls-tls12",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0xc02b,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .signature_scheme = 0x0403,
      .sentinel = 2,
      .num_extensions = 4,
      .extensions = {11, 23, 35, 65281}}},
    {"gnutls-tls12-dhe",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0x009e,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_DHE,
      .signature_scheme = 0x0804,
      .dh_bits = 2048,
      .sentinel = 2,
      .num_extensions = 3,
      .extensions = {23, 35, 65281}}},
    {"gnutls-tls11",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0302,
      .suite = 0xc013,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .sentinel = 1,
      .num_extensions = 5,
      .extensions = {11, 22, 23, 35, 65281}}},
    {"gnutls-tls10",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0301,
      .suite = 0x0039,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_DHE,
      .dh_bits = 2048,
      .sentinel = 1,
      .num_extensions = 4,
      .extensions = {22, 23, 35, 65281}}},
    {"gnutls-alert", {.state = TC_FLIGHT_ALERT, .alert = 70}},
    {"nginx-tls13-retry",
     {.state = TC_FLIGHT_HELLO_RETRY,
      .version = 0x0304,
      .suite = 0x1301,
      .group = 24,
      .num_extensions = 2,
      .extensions = {43, 51}}},
    {"nginx-tls12-staple-request",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .suite = 0xc02b,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .signature_scheme = 0x0403,
      .sentinel = 2,
      .has_request = true,
      .has_status = true,
      .alpn = "h2",
      .num_extensions = 7,
      .extensions = {65281, 0, 11, 35, 5, 16, 23}}},
    {"nginx-tls10",
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0301,
      .suite = 0xc009,
      .group = 29,
      .num_certificates = 1,
      .exchange = TC_EXCHANGE_ECDHE,
      .sentinel = 1,
      .has_request = true,
      .has_status = true,
      .alpn = "h2",
      .num_extensions = 8,
      .extensions = {65281, 0, 11, 35, 5, 16, 22, 23}}},
    {"nginx-http", {.state = TC_FLIGHT_NOT_TLS}},
};

static const struct facts *g_facts; /* of the row that runs */

static void check_facts(const struct tc_flight *flight)
{
    const struct facts *facts = g_facts;
    assert_int_equal(flight->has_hello, facts->version != 0);
    assert_int_equal(flight->version, facts->version);
    assert_int_equal(flight->suite, facts->suite);
    assert_int_equal(flight->group, facts->group);
    assert_int_equal(flight->num_certificates, facts->num_certificates);
    assert_int_equal(flight->certificates.len > 0, facts->num_certificates > 0);
    assert_int_equal(flight->exchange, facts->exchange);
    assert_int_equal(flight->signature_scheme, facts->signature_scheme);
    assert_int_equal(flight->dh_bits, facts->dh_bits);
    assert_int_equal(flight->dh_g, facts->dh_bits > 0 ? 2 : 0);
    assert_int_equal(flight->alert, facts->alert);
    assert_int_equal(flight->num_warnings, facts->num_warnings);
    assert_int_equal(flight->last_warning, facts->num_warnings > 0 ? 112 : 0);
    assert_int_equal(tc_flight_sentinel(flight), facts->sentinel);
    assert_int_equal(flight->has_certificate_request, facts->has_request);
    assert_int_equal(flight->has_certificate_status, facts->has_status);
    assert_string_equal(flight->alpn, facts->alpn != NULL ? facts->alpn : "");
    assert_int_equal(flight->num_extensions, facts->num_extensions);
    assert_memory_equal(flight->extensions, facts->extensions,
                        facts->num_extensions * sizeof facts->extensions[0]);
}

static void check_recorded(void **state)
{
    const struct recorded_case *row = *state;
    const struct flight_case flight_case = {.state = row->facts.state, .check = check_facts};
    uint8_t bytes[FILE_MAX_BYTES];
    char path[4096];
    const char *root = getenv("TLSCENSUS_SOURCE");
    assert_non_null(root);
    int path_len = snprintf(path, sizeof path, "%s/tests/fuzz/corpus/flight/%s", root, row->name);
    assert_in_range(path_len, 1, sizeof path - 1);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_in_range(len, 1, sizeof bytes - 1);
    g_facts = &row->facts;
    check_flight_bytes(&flight_case, bytes, len);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(cases); i++) {
        tests[i] = (struct CMUnitTest){cases[i].name, check_recorded, NULL, NULL, &cases[i]};
    }
    return cmocka_run_group_tests_name("flight_recorded", tests, NULL, NULL);
}
