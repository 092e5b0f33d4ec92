/* Our hellos before a real server, in memory, and what our reader makes of its answers. */
#include "test_support.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/sha.h>

#include "tests/scanner/tls_peer.h"
#include "tlscensus/flight.h"
#include "tlscensus/hello.h"

#define SHARE_MAX_BYTES 1600U

static const uint16_t k_suites_tls13[] = {0x1301, 0x1302, 0x1303};
static const uint16_t k_suites_tls12[] = {0xc02b, 0xc02c, 0xcca9, 0xc009, 0xc00a};
static const uint16_t k_suites_rsa[] = {0xc02f, 0x002f}; /* the server's key is ECDSA */
static const uint16_t k_schemes[] = {0x0403, 0x0503, 0x0804, 0x0401, 0x0203, 0x0201};
static const uint16_t k_groups[] = {29, 23, 24};
static const char *const k_protocols[] = {"http/1.1", "h2"};

enum shares { SHARES_NONE = 0, SHARES_EMPTY, SHARES_X25519, SHARES_GREASE };

struct question {
    uint16_t version; /* 0x0304: in supported_versions alone */
    enum shares shares;
    bool offers_rsa_only;
    bool greases;
    size_t padded_bytes;
};

struct answer {
    enum tc_flight_state state;
    uint16_t version;
    uint16_t group;
    uint16_t signature_scheme;
    uint8_t alert;
    bool has_certificate_request;
    bool has_certificate_status;
    const char *alpn;
};

static struct peer_case {
    const char *name;
    struct tls_peer_options peer;
    struct question question;
    struct answer answer;
} peer_cases[] = {
    {"peer: no share in TLS 1.3 asks for another hello",
     {0},
     {.version = 0x0304, .shares = SHARES_EMPTY},
     {.state = TC_FLIGHT_HELLO_RETRY, .version = 0x0304, .group = 29}},
    {"peer: HelloRetryRequest names the server's group",
     {.groups = "P-384"},
     {.version = 0x0304, .shares = SHARES_EMPTY},
     {.state = TC_FLIGHT_HELLO_RETRY, .version = 0x0304, .group = 24}},
    {"peer: a share of a group that is not there asks likewise",
     {.groups = "P-256"},
     {.version = 0x0304, .shares = SHARES_GREASE, .greases = true},
     {.state = TC_FLIGHT_HELLO_RETRY, .version = 0x0304, .group = 23}},
    {"peer: a made share is taken",
     {0},
     {.version = 0x0304, .shares = SHARES_X25519},
     {.state = TC_FLIGHT_SERVER_HELLO, .version = 0x0304, .group = 29}},
    {"peer: a padded hello is taken",
     {0},
     {.version = 0x0304, .shares = SHARES_X25519, .padded_bytes = 1700},
     {.state = TC_FLIGHT_SERVER_HELLO, .version = 0x0304, .group = 29}},
    {"peer: GREASE is passed over",
     {0},
     {.version = 0x0304, .shares = SHARES_X25519, .greases = true},
     {.state = TC_FLIGHT_SERVER_HELLO, .version = 0x0304, .group = 29}},
    {"peer: key_share left out of TLS 1.3 is missed",
     {0},
     {.version = 0x0304, .shares = SHARES_NONE},
     {.state = TC_FLIGHT_ALERT, .alert = 109}},
    {"peer: TLS 1.2, the whole flight",
     {.negotiates_alpn = true},
     {.version = 0x0303, .padded_bytes = 512},
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .group = 29,
      .signature_scheme = 0x0403,
      .alpn = "h2"}},
    {"peer: TLS 1.2 with a staple and a request for a certificate",
     {.max_version = TLS1_2_VERSION, .staples = true, .asks_certificate = true},
     {.version = 0x0303},
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0303,
      .group = 29,
      .signature_scheme = 0x0403,
      .has_certificate_request = true,
      .has_certificate_status = true}},
    {"peer: a chain in several records",
     {.num_copies = 60},
     {.version = 0x0303},
     {.state = TC_FLIGHT_HELLO_DONE, .version = 0x0303, .group = 29, .signature_scheme = 0x0403}},
    {"peer: TLS 1.1 names no signature scheme",
     {0},
     {.version = 0x0302},
     {.state = TC_FLIGHT_HELLO_DONE, .version = 0x0302, .group = 29}},
    {"peer: TLS 1.0",
     {.asks_certificate = true},
     {.version = 0x0301},
     {.state = TC_FLIGHT_HELLO_DONE,
      .version = 0x0301,
      .group = 29,
      .has_certificate_request = true}},
    {"peer: TLS 1.3 alone is too new for the server",
     {.max_version = TLS1_2_VERSION},
     {.version = 0x0304, .shares = SHARES_EMPTY},
     {.state = TC_FLIGHT_ALERT, .alert = 70}},
    {"peer: SSL 3.0 is too old for it",
     {0},
     {.version = 0x0300},
     {.state = TC_FLIGHT_ALERT, .alert = 70}},
    {"peer: a version that does not exist gets the newest below",
     {.max_version = TLS1_2_VERSION},
     {.version = 0x0305},
     {.state = TC_FLIGHT_HELLO_DONE, .version = 0x0303, .group = 29, .signature_scheme = 0x0403}},
    {"peer: no suite in common",
     {0},
     {.version = 0x0303, .offers_rsa_only = true},
     {.state = TC_FLIGHT_ALERT, .alert = 40}},
};

static void add_suites(struct tc_hello *hello, const uint16_t *suites, size_t num_suites)
{
    for (size_t i = 0; i < num_suites; i++) {
        tc_hello_add_suite(hello, suites[i]);
    }
}

static void add_shares(struct tc_hello *hello, enum shares shares)
{
    static const uint8_t k_zero[] = {0};
    uint8_t key[SHARE_MAX_BYTES];
    struct tc_key_share share = {.group = 29, .key = key};
    switch (shares) {
    case SHARES_EMPTY:
        tc_hello_add_key_shares(hello, NULL, 0);
        break;
    case SHARES_X25519:
        share.key_len = tc_key_share_fill(key, sizeof key, share.group, 7);
        tc_hello_add_key_shares(hello, &share, 1);
        break;
    case SHARES_GREASE:
        share = (struct tc_key_share){tc_grease_value(2), k_zero, sizeof k_zero};
        tc_hello_add_key_shares(hello, &share, 1);
        break;
    case SHARES_NONE:
    default:
        break;
    }
}

static void add_groups(struct tc_hello *hello, bool greases)
{
    uint16_t groups[1 + TC_ARRAY_LEN(k_groups)] = {tc_grease_value(2)};
    memcpy(groups + 1, k_groups, sizeof k_groups);
    tc_hello_add_groups(hello, greases ? groups : k_groups,
                        TC_ARRAY_LEN(k_groups) + (greases ? 1 : 0));
}

static size_t write_question(const struct question *question, uint8_t *out, size_t capacity)
{
    struct tc_hello hello;
    uint8_t random[TC_HELLO_RANDOM_BYTES] = {1, 2, 3};
    bool is_tls13 = question->version == 0x0304;
    size_t len = 0;
    tc_hello_init(&hello, question->version == 0x0300 ? 0x0300 : 0x0301,
                  is_tls13 ? 0x0303 : question->version, random);
    if (question->greases) {
        tc_hello_add_suite(&hello, tc_grease_value(1));
        tc_hello_add_extension(&hello, tc_grease_value(3), NULL, 0);
    }
    if (is_tls13) {
        uint16_t version = question->version;
        memset(hello.session_id, 0x5a, sizeof hello.session_id);
        hello.session_id_len = sizeof hello.session_id;
        add_suites(&hello, k_suites_tls13, TC_ARRAY_LEN(k_suites_tls13));
        tc_hello_add_versions(&hello, &version, 1);
        tc_hello_add_psk_modes(&hello);
        add_shares(&hello, question->shares);
    } else if (question->offers_rsa_only) {
        add_suites(&hello, k_suites_rsa, TC_ARRAY_LEN(k_suites_rsa));
    } else {
        add_suites(&hello, k_suites_tls12, TC_ARRAY_LEN(k_suites_tls12));
    }
    tc_hello_add_server_name(&hello, "host.example");
    tc_hello_add_status_request(&hello);
    tc_hello_add_renegotiation_info(&hello);
    tc_hello_add_extension(&hello, TC_EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    tc_hello_add_signature_algorithms(&hello, k_schemes, TC_ARRAY_LEN(k_schemes));
    tc_hello_add_alpn(&hello, k_protocols, TC_ARRAY_LEN(k_protocols));
    tc_hello_add_point_formats(&hello);
    add_groups(&hello, question->greases);
    tc_hello_pad(&hello, question->padded_bytes);
    assert_int_equal(tc_hello_write(&hello, out, capacity, &len), TC_OK);
    return len;
}

/* The peer's answer to these bytes, as our reader has it. */
static void ask(struct tc_flight *flight, const struct tls_peer_options *options,
                const uint8_t *hello, size_t hello_len)
{
    static const struct tc_flight_options k_options = {.max_bytes = 256 * 1024,
                                                       .keep_certificates = true};
    struct tls_peer peer;
    size_t len = 0;
    tls_peer_init(&peer, options);
    tls_peer_feed(&peer, hello, hello_len);
    uint8_t *bytes = tls_peer_take(&peer, &len);
    tc_flight_init(flight, &k_options);
    (void)tc_flight_feed(flight, bytes, len);
    free(bytes);
    tls_peer_cleanup(&peer);
}

static void check_leaf(const struct tc_flight *flight)
{
    uint8_t expected[SHA256_DIGEST_LENGTH];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256(peer_cert()->der, peer_cert()->der_len, expected);
    assert_true(tc_flight_leaf_sha256(flight, digest));
    assert_memory_equal(digest, expected, sizeof digest);
}

static void check_peer(void **state)
{
    const struct peer_case *row = *state;
    const struct answer *answer = &row->answer;
    uint8_t hello[TC_HELLO_MAX_BYTES];
    struct tc_flight flight;
    ask(&flight, &row->peer, hello, write_question(&row->question, hello, sizeof hello));
    assert_int_equal(flight.state, answer->state);
    assert_int_equal(flight.has_hello, answer->state != TC_FLIGHT_ALERT);
    assert_int_equal(flight.version, answer->version);
    assert_int_equal(flight.group, answer->group);
    assert_int_equal(flight.alert, answer->alert);
    assert_int_equal(flight.signature_scheme, answer->signature_scheme);
    assert_int_equal(flight.has_certificate_request, answer->has_certificate_request);
    assert_int_equal(flight.has_certificate_status, answer->has_certificate_status);
    assert_string_equal(flight.alpn, answer->alpn != NULL ? answer->alpn : "");
    if (answer->state == TC_FLIGHT_HELLO_DONE) {
        assert_int_equal(flight.num_certificates, 1 + row->peer.num_copies);
        assert_int_equal(flight.exchange, TC_EXCHANGE_ECDHE);
        assert_true(tc_flight_has_extension(&flight, TC_EXTENSION_EXTENDED_MASTER_SECRET));
        assert_true(tc_flight_has_extension(&flight, TC_EXTENSION_RENEGOTIATION_INFO));
        check_leaf(&flight);
    }
    tc_flight_cleanup(&flight);
}

/* RFC 8446 section 4.1.3: a server that speaks TLS 1.3 marks what is less. */
static void check_sentinels(void **state)
{
    (void)state;
    static const struct {
        uint16_t max_version;
        uint16_t version;
        unsigned sentinel;
    } k_rows[] = {{TLS1_3_VERSION, 0x0303, 2},
                  {TLS1_3_VERSION, 0x0302, 1},
                  {TLS1_2_VERSION, 0x0303, 0},
                  {TLS1_3_VERSION, 0x0304, 0}};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_rows); i++) {
        struct tls_peer_options options = {.max_version = k_rows[i].max_version};
        struct question question = {.version = k_rows[i].version, .shares = SHARES_X25519};
        uint8_t hello[TC_HELLO_MAX_BYTES];
        struct tc_flight flight;
        ask(&flight, &options, hello, write_question(&question, hello, sizeof hello));
        assert_true(flight.has_hello);
        assert_int_equal(tc_flight_sentinel(&flight), k_rows[i].sentinel);
        tc_flight_cleanup(&flight);
    }
}

/* A made post-quantum share: only a newer library can judge it. */
static void check_post_quantum(void **state)
{
    (void)state;
    static const char k_name[] = "X25519MLKEM768";
    static const uint16_t k_group = 0x11ec;
    static const uint16_t k_version = 0x0304;
    struct tls_peer_options options = {.groups = k_name};
    SSL_CTX *context = SSL_CTX_new(TLS_with_buffers_method());
    assert_non_null(context);
    bool is_known = SSL_CTX_set1_curves_list(context, k_name) == 1;
    SSL_CTX_free(context);
    if (!is_known) {
        print_message("this BoringSSL has no ML-KEM\n");
        skip();
    }
    for (uint64_t seed = 0; seed < 16; seed++) {
        uint8_t key[SHARE_MAX_BYTES];
        uint8_t out[TC_HELLO_MAX_BYTES];
        uint8_t random[TC_HELLO_RANDOM_BYTES] = {0};
        struct tc_key_share share = {.group = k_group, .key = key};
        struct tc_hello hello;
        struct tc_flight flight;
        size_t len = 0;
        share.key_len = tc_key_share_fill(key, sizeof key, k_group, seed);
        tc_hello_init(&hello, 0x0301, 0x0303, random);
        tc_hello_add_suite(&hello, 0x1301);
        tc_hello_add_versions(&hello, &k_version, 1);
        tc_hello_add_signature_algorithms(&hello, k_schemes, TC_ARRAY_LEN(k_schemes));
        tc_hello_add_key_shares(&hello, &share, 1);
        tc_hello_add_groups(&hello, &k_group, 1);
        assert_int_equal(tc_hello_write(&hello, out, sizeof out, &len), TC_OK);
        ask(&flight, &options, out, len);
        assert_int_equal(flight.state, TC_FLIGHT_SERVER_HELLO);
        assert_int_equal(flight.group, k_group);
        tc_flight_cleanup(&flight);
    }
}

static int cleanup(void **state)
{
    (void)state;
    peer_certs_cleanup();
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(peer_cases) + 2] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(peer_cases); i++) {
        tests[i] = (struct CMUnitTest){peer_cases[i].name, check_peer, NULL, NULL, &peer_cases[i]};
    }
    tests[TC_ARRAY_LEN(peer_cases)] = (struct CMUnitTest)cmocka_unit_test(check_sentinels);
    tests[TC_ARRAY_LEN(peer_cases) + 1] = (struct CMUnitTest)cmocka_unit_test(check_post_quantum);
    return cmocka_run_group_tests_name("hello_peer", tests, NULL, cleanup);
}
