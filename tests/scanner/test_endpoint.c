#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "scenario.h"

/* A ServerHello of TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and nothing behind it. */
static const uint8_t k_server_hello[] = {
    0x16, 0x03, 0x03, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03, 1,    2,    3,    4,   5,
    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,   16,   17,   18,   19,   20,  21,
    22,   23,   24,   25,   26,   27,   28,   29,   30,   31,   32,   0x00, 0xc0, 0x2f, 0x00};
/* The same, followed by a handshake message that announces 9 MiB. */
static const uint8_t k_huge_message[] = {0x16, 0x03, 0x03, 0x00, 0x04, 0x0b, 0x90, 0x00, 0x00};
/* A record of 65,535 bytes, of which RFC 8446 section 5.2 allows 16,640. */
static const uint8_t k_huge_record[] = {0x16, 0x03, 0x03, 0xff, 0xff, 0, 0, 0, 0, 0, 0};
static const uint8_t k_alert_40[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};
static const uint8_t k_alert_70[] = {0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46};
/* RFC 6066 section 3: a warning before the hello is legal, and no end. */
static const uint8_t k_warning_112[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x70};
static const uint8_t k_alert_unknown[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0xee};
static const uint8_t k_empty_records[] = {0x16, 0x03, 0x03, 0x00, 0x00, 0x16, 0x03, 0x03,
                                          0x00, 0x00, 0x16, 0x03, 0x03, 0x00, 0x00};
static const char k_http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
static const char k_ssh[] = "SSH-2.0-Old\xff\r\n";
static const uint8_t k_garbage[] = {0x2e, 0xa4, 0x29, 0xd7, 0xf8, 0x45, 0xf8, 0xdc, 0x00, 0x01};
static const uint8_t k_ssl2_error[] = {0x80, 0x03, 0x00, 0x00, 0x02};
static const uint8_t k_ssl2_hello[] = {0x80, 0x0b, 0x04, 0x00, 0x01, 0x00, 0x02, 0, 0, 0, 0, 0, 0};
static const char k_proxy_yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
static const char k_proxy_no[] = "HTTP/1.1 403 Forbidden\r\n\r\n";
static const uint8_t k_silly_type[] = {0x17, 0x03, 0x03, 0x00, 0x02, 0x68, 0x69};

static const struct tls_peer_options k_tls12 = {.max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_tls10 = {.max_version = TLS1_VERSION};
/* Without a post-quantum share, so that the ServerHello is short. */
static const struct tls_peer_options k_small = {.groups = "X25519"};
static const struct tls_peer_options k_retry = {.groups = "P-521"};
static const struct tls_peer_options k_asks = {.asks_certificate = true};
static const struct tls_peer_options k_asks_and_greets = {.asks_certificate = true, .greets = true};
static const struct tls_peer_options k_needs = {.needs_certificate = true};
static const struct tls_peer_options k_asks_12 = {.asks_certificate = true,
                                                  .max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_needs_12 = {.needs_certificate = true,
                                                   .max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_many_certs = {.num_copies = 120};

/* What a row changes of the options: 0 leaves the default. */
struct changes {
    unsigned retries; /* + 1 */
    unsigned endpoint_timeout_ms;
    size_t max_read_bytes;
    size_t max_cert_bytes;
    bool proxy;
    size_t write_room;
};

/* A row is read as one, not as ten lines. */
/* clang-format off */
static struct endpoint_case {
    const char *name;
    struct fake_step script[12];
    struct changes changes;
    enum tc_outcome outcome;
    enum tc_stage stage;
    const char *detail; /* part of it; NULL: none at all */
    unsigned attempts;
    int elapsed_ms; /* by the fake clock; pauses before a retry are 250 ms */
    bool has_chain;
} endpoint_cases[] = {
    {"endpoint: TLS 1.3 succeeds", {CONNECTED, TLS(NULL)}, {0}, TC_OUTCOME_OK, 0, NULL, 1, 100,
     true},
    {"endpoint: TLS 1.2 succeeds after two round trips", {CONNECTED, TLS(&k_tls12)}, {0},
     TC_OUTCOME_OK, 0, NULL, 1, 150, true},
    {"endpoint: TLS 1.0 still succeeds", {CONNECTED, TLS(&k_tls10)}, {0}, TC_OUTCOME_OK, 0, NULL, 1,
     150, true},
    {"endpoint: a HelloRetryRequest costs a round trip", {CONNECTED, TLS(&k_retry)}, {0},
     TC_OUTCOME_OK, 0, NULL, 1, 150, true},
    {"endpoint: the kernel takes our hello in pieces", {CONNECTED, TLS(NULL)}, {.write_room = 100},
     TC_OUTCOME_OK, 0, NULL, 1, 100, true},
    {"endpoint: a warning alert before the hello is no end",
     {CONNECTED, AWAIT, BYTES(k_warning_112), BYTES(k_alert_40)}, {0}, TC_OUTCOME_ALERT,
     TC_STAGE_TLS, "handshake_failure", 1, 70, false},
    {"endpoint: a client certificate that is only asked for is no failure",
     {CONNECTED, TLS(&k_asks_and_greets)}, {0}, TC_OUTCOME_OK, 0, NULL, 1, 150, true},
    {"endpoint: the same, and the server says nothing",
     {CONNECTED, TLS(&k_asks)}, {0}, TC_OUTCOME_OK, 0, NULL, 1, 500, true},
    {"endpoint: the same in TLS 1.2", {CONNECTED, TLS(&k_asks_12)}, {0}, TC_OUTCOME_OK, 0, NULL, 1,
     150, true},
    {"endpoint: through a proxy",
     {CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(NULL)}, {.proxy = true}, TC_OUTCOME_OK, 0, NULL, 1,
     110, true},

    {"endpoint: a client certificate is needed, which TLS 1.3 says late",
     {CONNECTED, TLS(&k_needs)}, {0}, TC_OUTCOME_CLIENT_CERTIFICATE, TC_STAGE_TLS,
     "certificate_required", 1, 150, true},
    {"endpoint: a client certificate is needed, which TLS 1.2 says in the handshake",
     {CONNECTED, TLS(&k_needs_12)}, {0}, TC_OUTCOME_CLIENT_CERTIFICATE, TC_STAGE_TLS,
     "refuses clients without a certificate", 1, 150, true},
    {"endpoint: silence after asking for a client certificate is consent",
     {CONNECTED, TLS_ONE_FLIGHT(&k_asks)}, {0}, TC_OUTCOME_OK, 0, NULL, 1, 500, true},
    {"endpoint: hanging up after asking for a client certificate is refusal",
     {CONNECTED, TLS_ONE_FLIGHT(&k_asks), END}, {0}, TC_OUTCOME_CLIENT_CERTIFICATE, TC_STAGE_TLS,
     "hung up", 1, 110, true},
    {"endpoint: so is a reset", {CONNECTED, TLS_ONE_FLIGHT(&k_asks), RESET}, {0},
     TC_OUTCOME_CLIENT_CERTIFICATE, TC_STAGE_TLS, "hung up", 1, 110, true},

    {"connect: the port is closed", {CONNECT_FAILS(ECONNREFUSED)}, {0}, TC_OUTCOME_REFUSED,
     TC_STAGE_TCP, "closed", 1, 50, false},
    {"connect: refused is not tried again", {CONNECT_FAILS(ECONNREFUSED), AGAIN, CONNECTED},
     {.retries = 3}, TC_OUTCOME_REFUSED, TC_STAGE_TCP, "closed", 1, 50, false},
    {"connect: no route when the socket is opened", {OPEN_FAILS(ENETUNREACH)}, {0},
     TC_OUTCOME_UNREACHABLE, TC_STAGE_TCP, "no route", 1, 0, false},
    {"connect: the network says there is no host", {CONNECT_FAILS(EHOSTUNREACH)}, {0},
     TC_OUTCOME_UNREACHABLE, TC_STAGE_TCP, "no route to the host", 1, 50, false},
    {"connect: silence", {AGAIN}, {0}, TC_OUTCOME_CONNECT_TIMEOUT, TC_STAGE_TCP, "SYN", 1, 5000,
     false},
    {"connect: the kernel's own time-out", {CONNECT_FAILS(ETIMEDOUT)}, {0},
     TC_OUTCOME_CONNECT_TIMEOUT, TC_STAGE_TCP, "SYN", 1, 50, false},
    {"connect: silence is not tried again", {AGAIN, CONNECTED}, {.retries = 3},
     TC_OUTCOME_CONNECT_TIMEOUT, TC_STAGE_TCP, "SYN", 1, 5000, false},
    {"connect: no descriptors left", {OPEN_FAILS(EMFILE)}, {0}, TC_OUTCOME_LOCAL_ERROR,
     TC_STAGE_TCP, "descriptors", 1, 0, false},
    {"connect: no local ports left", {OPEN_FAILS(EADDRNOTAVAIL)}, {0}, TC_OUTCOME_LOCAL_ERROR,
     TC_STAGE_TCP, "local ports", 1, 0, false},
    {"connect: a firewall of this machine", {OPEN_FAILS(EPERM)}, {0}, TC_OUTCOME_LOCAL_ERROR,
     TC_STAGE_TCP, "does not allow", 1, 0, false},
    {"connect: reset at once, twice",
     {CONNECT_FAILS(ECONNRESET), AGAIN, CONNECT_FAILS(ECONNRESET)}, {0}, TC_OUTCOME_RESET,
     TC_STAGE_TCP, "reset", 2, 350, false},
    {"connect: stopped", {STOP}, {0}, TC_OUTCOME_INTERRUPTED, TC_STAGE_TCP, "stopped", 1, 10, false},

    {"proxy: it says no", {CONNECTED, AWAIT, TEXT(k_proxy_no)}, {.proxy = true},
     TC_OUTCOME_UNREACHABLE, TC_STAGE_TCP, "403", 1, 60, false},
    {"proxy: its port is closed", {CONNECT_FAILS(ECONNREFUSED)}, {.proxy = true},
     TC_OUTCOME_LOCAL_ERROR, TC_STAGE_TCP, "proxy cannot be reached", 1, 50, false},
    {"proxy: it is not there", {AGAIN}, {.proxy = true}, TC_OUTCOME_LOCAL_ERROR, TC_STAGE_TCP,
     "proxy cannot be reached", 1, 5000, false},
    {"proxy: it says nothing", {CONNECTED}, {.proxy = true}, TC_OUTCOME_CONNECT_TIMEOUT,
     TC_STAGE_TCP, "proxy", 1, 5050, false},
    {"proxy: stopped in the dialogue", {CONNECTED, AWAIT, STOP}, {.proxy = true},
     TC_OUTCOME_INTERRUPTED, TC_STAGE_TCP, "stopped", 1, 60, false},
    {"proxy: the yes comes byte by byte",
     {CONNECTED, AWAIT, DRIBBLE_TEXT(k_proxy_yes), TLS(NULL)}, {.proxy = true}, TC_OUTCOME_OK, 0,
     NULL, 1, 110 + sizeof k_proxy_yes - 1, true},
    {"proxy: closed in the dialogue", {CONNECTED, AWAIT, END}, {.proxy = true},
     TC_OUTCOME_UNREACHABLE, TC_STAGE_TCP, "proxy", 1, 60, false},

    {"handshake: silence, twice", {CONNECTED, AGAIN, CONNECTED}, {0}, TC_OUTCOME_HANDSHAKE_TIMEOUT,
     TC_STAGE_TLS, "ClientHello", 2, 20350, false},
    {"handshake: silence without retries", {CONNECTED}, {.retries = 1},
     TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS, "ClientHello", 1, 10050, false},
    {"handshake: silence after the ServerHello",
     {CONNECTED, AWAIT, BYTES(k_server_hello)}, {.retries = 1}, TC_OUTCOME_HANDSHAKE_TIMEOUT,
     TC_STAGE_TLS, "after the ServerHello", 1, 10050, false},
    {"handshake: a byte now and then does not move the deadline",
     {CONNECTED, {.kind = FAKE_TLS, .after_ms = 50, .dribble = true, .tls = &k_small}},
     {.retries = 1, .endpoint_timeout_ms = 300}, TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS,
     "after the ServerHello", 1, 300, false},
    {"handshake: time-out, then success", {CONNECTED, AGAIN, CONNECTED, TLS(NULL)}, {0},
     TC_OUTCOME_OK, 0, NULL, 2, 10400, true},
    {"handshake: reset, then success", {CONNECTED, AWAIT, RESET, AGAIN, CONNECTED, TLS(NULL)}, {0},
     TC_OUTCOME_OK, 0, NULL, 2, 410, true},
    {"handshake: closed without a byte, then success",
     {CONNECTED, AWAIT, END, AGAIN, CONNECTED, TLS(NULL)}, {0}, TC_OUTCOME_OK, 0, NULL, 2, 410,
     true},
    {"handshake: closed without a byte, twice", {CONNECTED, AWAIT, END, AGAIN, CONNECTED, AWAIT, END},
     {0}, TC_OUTCOME_CLOSED, TC_STAGE_TLS, "without any answer", 2, 370, false},
    {"handshake: closed after a byte is not tried again",
     {CONNECTED, AWAIT, BYTES(k_server_hello), END, AGAIN, CONNECTED, TLS(NULL)}, {0},
     TC_OUTCOME_CLOSED, TC_STAGE_TLS, "after the ServerHello", 1, 70, false},
    {"handshake: the endpoint's time is over before the second try",
     {CONNECTED, AGAIN, CONNECTED, TLS(NULL)}, {.endpoint_timeout_ms = 10050},
     TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS, "ClientHello", 1, 10050, false},
    {"handshake: the endpoint's time is over within the second try",
     {CONNECTED, AGAIN, CONNECTED}, {.endpoint_timeout_ms = 12000}, TC_OUTCOME_HANDSHAKE_TIMEOUT,
     TC_STAGE_TLS, "ClientHello", 2, 12250, false},
    {"handshake: an alert", {CONNECTED, AWAIT, BYTES(k_alert_40)}, {0}, TC_OUTCOME_ALERT,
     TC_STAGE_TLS, "handshake_failure", 1, 60, false},
    {"handshake: an alert with an old record version", {CONNECTED, AWAIT, BYTES(k_alert_70)}, {0},
     TC_OUTCOME_ALERT, TC_STAGE_TLS, "protocol_version", 1, 60, false},
    {"handshake: an alert that IANA does not know", {CONNECTED, AWAIT, BYTES(k_alert_unknown)}, {0},
     TC_OUTCOME_ALERT, TC_STAGE_TLS, "alert 238", 1, 60, false},
    {"handshake: an alert after the ServerHello",
     {CONNECTED, AWAIT, BYTES(k_server_hello), BYTES(k_alert_40)}, {0}, TC_OUTCOME_ALERT,
     TC_STAGE_TLS, "handshake_failure", 1, 70, false},
    {"handshake: an alert one byte at a time, then reset",
     {CONNECTED, AWAIT, DRIBBLE(k_alert_40), RESET}, {0}, TC_OUTCOME_ALERT, TC_STAGE_TLS,
     "handshake_failure", 1, 67, false},
    {"handshake: reset after the ServerHello, without retries",
     {CONNECTED, AWAIT, BYTES(k_server_hello), RESET}, {.retries = 1}, TC_OUTCOME_RESET,
     TC_STAGE_TLS, "after the ServerHello", 1, 70, false},
    {"handshake: HTTP", {CONNECTED, AWAIT, TEXT(k_http), END}, {0}, TC_OUTCOME_NOT_TLS,
     TC_STAGE_TLS, "HTTP/1.1 400", 1, 60, false},
    {"handshake: SSH speaks first", {CONNECTED, TEXT(k_ssh)}, {0}, TC_OUTCOME_NOT_TLS, TC_STAGE_TLS,
     "SSH-2.0-Old", 1, 60, false},
    {"handshake: text one byte at a time", {CONNECTED, AWAIT, DRIBBLE(k_http)}, {0},
     TC_OUTCOME_NOT_TLS, TC_STAGE_TLS, "48", 1, 61, false},
    {"handshake: garbage", {CONNECTED, AWAIT, BYTES(k_garbage)}, {0}, TC_OUTCOME_NOT_TLS,
     TC_STAGE_TLS, "2e a4 29", 1, 60, false},
    {"handshake: SSLv2", {CONNECTED, AWAIT, BYTES(k_ssl2_hello)}, {0}, TC_OUTCOME_NOT_TLS,
     TC_STAGE_TLS, "SSLv2", 1, 60, false},
    {"handshake: an error of SSLv2", {CONNECTED, AWAIT, BYTES(k_ssl2_error)}, {0}, TC_OUTCOME_NOT_TLS,
     TC_STAGE_TLS, "SSLv2 error", 1, 60, false},
    {"handshake: a record of the wrong type", {CONNECTED, AWAIT, BYTES(k_silly_type)}, {0},
     TC_OUTCOME_PROTOCOL_ERROR, TC_STAGE_TLS, "instead of a hello", 1, 60, false},
    {"handshake: a record that is too long", {CONNECTED, AWAIT, BYTES(k_huge_record)}, {0},
     TC_OUTCOME_PROTOCOL_ERROR, TC_STAGE_TLS, "too long", 1, 60, false},
    {"handshake: a message of 9 MiB",
     {CONNECTED, AWAIT, BYTES(k_server_hello), BYTES(k_huge_message)}, {0},
     TC_OUTCOME_LIMIT_EXCEEDED, TC_STAGE_TLS, "larger than the cap", 1, 70, false},
    {"handshake: empty records and silence", {CONNECTED, AWAIT, BYTES(k_empty_records)},
     {.retries = 1}, TC_OUTCOME_HANDSHAKE_TIMEOUT, TC_STAGE_TLS, "silence", 1, 10050, false},
    {"handshake: more bytes than the cap", {CONNECTED, TLS(NULL)}, {.max_read_bytes = 300},
     TC_OUTCOME_LIMIT_EXCEEDED, TC_STAGE_TLS, "300 bytes", 1, 100, false},
    {"handshake: a certificate larger than the cap", {CONNECTED, TLS(NULL)}, {.max_cert_bytes = 100},
     TC_OUTCOME_LIMIT_EXCEEDED, TC_STAGE_TLS, "100 bytes", 1, 100, false},
    {"handshake: 121 certificates", {CONNECTED, TLS(&k_many_certs)}, {0},
     TC_OUTCOME_LIMIT_EXCEEDED, TC_STAGE_TLS, "100 certificates", 1, 100, false},
    {"handshake: cut in the ServerHello", {CONNECTED, TLS_CUT(&k_small, 50), END}, {0},
     TC_OUTCOME_CLOSED, TC_STAGE_TLS, "first message", 1, 110, false},
    {"handshake: cut in TLS 1.3's encrypted part", {CONNECTED, TLS_CUT(&k_small, 300), END}, {0},
     TC_OUTCOME_CLOSED, TC_STAGE_TLS, "after the ServerHello", 1, 110, false},
    {"handshake: reset in TLS 1.3's encrypted part", {CONNECTED, TLS_CUT(&k_small, 300), RESET},
     {.retries = 1}, TC_OUTCOME_RESET, TC_STAGE_TLS, "after the ServerHello", 1, 110, false},
    {"handshake: stopped", {CONNECTED, AWAIT, STOP}, {0}, TC_OUTCOME_INTERRUPTED, TC_STAGE_TLS,
     "stopped", 1, 60, false},
    {"handshake: stopped after the ServerHello",
     {CONNECTED, AWAIT, BYTES(k_server_hello), STOP}, {0}, TC_OUTCOME_INTERRUPTED, TC_STAGE_TLS,
     "stopped", 1, 70, false},
    {"wait: stopped before the second try", {CONNECTED, AWAIT, END, STOP}, {0},
     TC_OUTCOME_INTERRUPTED, TC_STAGE_TCP, "stopped", 1, 70, false},
    {"answer: stopped", {CONNECTED, TLS_ONE_FLIGHT(&k_asks), STOP}, {0}, TC_OUTCOME_INTERRUPTED,
     TC_STAGE_TLS, "stopped", 1, 110, true},
};
/* clang-format on */

static struct tc_scan_options options_of(const struct changes *changes)
{
    struct tc_scan_options options = g_scenario.options;
    if (changes->retries > 0) {
        options.retries = changes->retries - 1;
    }
    if (changes->endpoint_timeout_ms > 0) {
        options.endpoint_timeout_ms = changes->endpoint_timeout_ms;
    }
    if (changes->max_read_bytes > 0) {
        options.max_read_bytes = changes->max_read_bytes;
    }
    if (changes->max_cert_bytes > 0) {
        options.max_cert_bytes = changes->max_cert_bytes;
    }
    options.proxy = changes->proxy ? &k_scenario_proxy : NULL;
    return options;
}

static void check_row(const struct endpoint_case *row, bool prepares)
{
    struct tc_scan_options options = options_of(&row->changes);
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_net_init(&net, row->script, &options, g_scenario.tls, &target);
    net.write_room = row->changes.write_room;
    net.prepares = prepares;
    assert_true(fake_net_play(&net));
    assert_non_null(net.observation);
    const struct tc_observation *got = net.observation;
    assert_string_equal(tc_outcome_str(got->outcome), tc_outcome_str(row->outcome));
    assert_string_equal(tc_stage_str(got->stage), tc_stage_str(row->stage));
    if (row->detail == NULL) {
        assert_null(got->detail);
    } else {
        assert_non_null(got->detail);
        if (strstr(got->detail, row->detail) == NULL) {
            assert_string_equal(got->detail, row->detail);
        }
    }
    assert_int_equal(got->attempts, row->attempts);
    assert_int_equal(got->connections, row->attempts);
    assert_int_equal(fake_net_elapsed_ms(&net), row->elapsed_ms);
    assert_int_equal(got->chain != NULL, row->has_chain);
    assert_int_equal(got->timing.own_us != TC_TIME_UNKNOWN,
                     got->timing.connect_us != TC_TIME_UNKNOWN && row->stage != TC_STAGE_TCP);
    if (row->outcome != TC_OUTCOME_INTERRUPTED) {
        assert_int_equal(net.num_pauses, row->attempts - 1);
    }
    assert_true(fake_net_is_clean(&net));
    fake_net_cleanup(&net);
}

static void check_endpoint(void **state)
{
    check_row(*state, false);
    check_row(*state, true);
}

int main(void)
{
    struct CMUnitTest tests[TC_ARRAY_LEN(endpoint_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(endpoint_cases); i++) {
        tests[i].name = endpoint_cases[i].name;
        tests[i].test_func = check_endpoint;
        tests[i].initial_state = &endpoint_cases[i];
    }
    return cmocka_run_group_tests_name("endpoint", tests, scenario_set_up, scenario_tear_down);
}
