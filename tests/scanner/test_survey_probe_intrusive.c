/* Intrusive questions: what is said behind a flight and to port 80, and what is made of the answer.
 */
#include "test_support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "survey_scenario.h"

#define RANDOM_32                                                                                  \
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, \
        27, 28, 29, 30, 31, 32
/* A ServerHello of TLS 1.2 with TLS_PSK_WITH_AES_128_GCM_SHA256, which needs nothing behind it. */
#define SERVER_HELLO                                                                               \
    0x16, 0x03, 0x03, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03, RANDOM_32, 0x00, 0x00, 0xa8, \
        0x00
#define HELLO_DONE    0x16, 0x03, 0x03, 0x00, 0x04, 0x0e, 0x00, 0x00, 0x00
#define ALERT_10      0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x0a
#define CLOSE_NOTIFY  0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x00
#define FOLLOW_UP     "and more of it"
#define REQUEST       "HEAD / HTTP/1.1\r\n\r\n"
#define MAX_HEAD_TEXT 64
/* Of a script, with a silence behind the last. */
#define MAX_STEPS 32

static const uint8_t k_flight[] = {SERVER_HELLO, HELLO_DONE};
static const uint8_t k_server_hello[] = {SERVER_HELLO};
static const uint8_t k_flight_and_alert[] = {SERVER_HELLO, HELLO_DONE, ALERT_10};
/* A ServerHello of TLS 1.3, of which the survey reads no further. */
static const uint8_t k_flight13[] = {0x16, 0x03, 0x03,      0x00, 0x5a, 0x02,     0x00, 0x00, 0x56,
                                     0x03, 0x03, RANDOM_32, 0x00, 0x13, 0x01,     0x00, 0x00, 0x2e,
                                     0x00, 0x2b, 0x00,      0x02, 0x03, 0x04,     0x00, 0x33, 0x00,
                                     0x24, 0x00, 0x1d,      0x00, 0x20, RANDOM_32};
static const uint8_t k_alert_10[] = {ALERT_10};
static const uint8_t k_close_notify[] = {CLOSE_NOTIFY};
static const uint8_t k_alert_header[] = {0x15, 0x03, 0x03, 0x00, 0x02};
static const uint8_t k_sealed_alert[] = {0x15, 0x03, 0x03, 0x00, 0x1a, 1, 2, 3, 4, 5};
static const uint8_t k_heartbeat[] = {0x18, 0x03, 0x03, 0x00, 0x13, 2,  0,  0,  1,  2,  3,  4,
                                      5,    6,    7,    8,    9,    10, 11, 12, 13, 14, 15, 16};
static const uint8_t k_huge_heartbeat[] = {0x18, 0x03, 0x02, 0xff, 0xff, 2, 0xff, 0xec};
static const uint8_t k_half_header[] = {0x18, 0x03, 0x03};
static const uint8_t k_low_type[] = {0x13, 0x03, 0x03, 0x00, 0x02};
static const uint8_t k_high_type[] = {0x19, 0x03, 0x03, 0x00, 0x02};
static const uint8_t k_other_major[] = {0x16, 0x04, 0x03, 0x00, 0x02};
static const char k_text[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
static const char k_proxy_yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
static const char k_proxy_no[] = "HTTP/1.1 403 Forbidden\r\n\r\n";
static const char k_greeting[] = "220 mx.example ESMTP\r\n";
static const char k_offers[] = "250-mx.example\r\n250-STARTTLS\r\n250 HELP\r\n";
static const char k_go[] = "220 go\r\n";

/* What a row changes of the options: 0 leaves the default. */
struct changes {
    size_t max_read_bytes;
    unsigned endpoint_timeout_ms;
    enum tc_protocol protocol;
    bool proxy;
    bool no_probes;
    enum tc_status hello_fails;
    enum tc_status follow_up_fails;
};

/* Plays one question behind a good talk of the endpoint's own, which takes 150 ms mostly. */
static void play(struct fake_net *net, const struct fake_question *plan,
                 const struct fake_step *script, const struct changes *changes, bool prepares)
{
    static struct tc_scan_options options;
    static struct tc_target target;
    options = g_standard;
    target = scenario_target();
    target.protocol = changes->protocol;
    options.proxy = changes->proxy ? &k_scenario_proxy : NULL;
    if (changes->max_read_bytes > 0) {
        options.max_read_bytes = changes->max_read_bytes;
    }
    if (changes->endpoint_timeout_ms > 0) {
        options.endpoint_timeout_ms = changes->endpoint_timeout_ms;
    }
    fake_planner_reset(plan, 1);
    g_planner.hello_fails = changes->hello_fails;
    g_planner.follow_up_fails = changes->follow_up_fails;
    fake_net_init(net, script, &options, g_standard_tls, &target);
    net->prepares = prepares;
    net->no_probes = changes->no_probes;
    assert_true(fake_net_play(net));
    assert_non_null(net->observation);
    assert_int_equal(g_planner.num_answers, 1);
    assert_int_equal(g_planner.num_alive, 0);
    assert_true(fake_net_is_clean(net));
}

/* ---- behind a flight ---- */

#define ASKS_ON                                                                                    \
    {                                                                                              \
        .question = {.kind = TC_QUESTION_HELLO}, .follow_up = FOLLOW_UP                            \
    }
#define FLIGHT OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_flight)

/* A row is read as one, not as ten lines. */
/* clang-format off */
static const struct reply_case {
    const char *name;
    struct fake_step script[MAX_STEPS];
    struct changes changes;
    enum tc_answer_end end;
    bool has_reply; /* the follow-up was sent */
    unsigned type;
    unsigned len;
    unsigned alert;
    int64_t elapsed_ms;
} reply_cases[] = {
    {"reply: a heartbeat of honest length", {FLIGHT, AWAIT, BYTES(k_heartbeat)}, {0},
     TC_ANSWER_COMPLETE, true, 24, 19, 0, 150 + 70},
    {"reply: the same, byte by byte", {FLIGHT, AWAIT, DRIBBLE(k_heartbeat)}, {0},
     TC_ANSWER_COMPLETE, true, 24, 19, 0, 150 + 70 + 5},
    {"reply: one that calls itself huge", {FLIGHT, AWAIT, BYTES(k_huge_heartbeat)}, {0},
     TC_ANSWER_COMPLETE, true, 24, 65535, 0, 150 + 70},
    {"reply: an alert", {FLIGHT, AWAIT, BYTES(k_alert_10)}, {0}, TC_ANSWER_COMPLETE, true, 21, 2, 10,
     150 + 70},
    {"reply: an alert, byte by byte", {FLIGHT, AWAIT, DRIBBLE(k_alert_10)}, {0}, TC_ANSWER_COMPLETE,
     true, 21, 2, 10, 150 + 70 + 7},
    {"reply: an alert and a reset behind it", {FLIGHT, AWAIT, BYTES(k_alert_10), RESET}, {0},
     TC_ANSWER_COMPLETE, true, 21, 2, 10, 150 + 70},
    {"reply: an alert that is sealed", {FLIGHT, AWAIT, BYTES(k_sealed_alert)}, {0},
     TC_ANSWER_COMPLETE, true, 21, 26, 0, 150 + 70},
    {"reply: of an alert the header alone", {FLIGHT, AWAIT, BYTES(k_alert_header)}, {0},
     TC_ANSWER_SILENCE, true, 0, 0, 0, 150 + 60 + TC_SURVEY_REPLY_MS},
    {"reply: the same, closed", {FLIGHT, AWAIT, BYTES(k_alert_header), END}, {0}, TC_ANSWER_CLOSED,
     true, 0, 0, 0, 150 + 80},
    {"reply: none at all", {FLIGHT}, {0}, TC_ANSWER_SILENCE, true, 0, 0, 0,
     150 + 60 + TC_SURVEY_REPLY_MS},
    {"reply: half a header", {FLIGHT, AWAIT, BYTES(k_half_header)}, {0}, TC_ANSWER_SILENCE, true, 0,
     0, 0, 150 + 60 + TC_SURVEY_REPLY_MS},
    {"reply: hung up", {FLIGHT, AWAIT, END}, {0}, TC_ANSWER_CLOSED, true, 0, 0, 0, 150 + 70},
    {"reply: hung up inside the header", {FLIGHT, AWAIT, BYTES(k_half_header), END}, {0},
     TC_ANSWER_CLOSED, true, 0, 0, 0, 150 + 80},
    {"reply: reset", {FLIGHT, AWAIT, RESET}, {0}, TC_ANSWER_RESET, true, 0, 0, 0, 150 + 70},
    {"reply: another protocol", {FLIGHT, AWAIT, TEXT(k_text)}, {0}, TC_ANSWER_BROKEN, true, 0, 0, 0,
     150 + 70},
    {"reply: a type below all there are", {FLIGHT, AWAIT, BYTES(k_low_type)}, {0}, TC_ANSWER_BROKEN,
     true, 0, 0, 0, 150 + 70},
    {"reply: a type above all there are", {FLIGHT, AWAIT, BYTES(k_high_type)}, {0}, TC_ANSWER_BROKEN,
     true, 0, 0, 0, 150 + 70},
    {"reply: a version that is none", {FLIGHT, AWAIT, BYTES(k_other_major)}, {0}, TC_ANSWER_BROKEN,
     true, 0, 0, 0, 150 + 70},
    {"reply: what came with the flight is none",
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_flight_and_alert)}, {0}, TC_ANSWER_SILENCE, true, 0,
     0, 0, 150 + 60 + TC_SURVEY_REPLY_MS},
    {"reply: more bytes than the cap",
     {CONNECTED, AWAIT, BYTES(k_alert_10), AGAIN, CONNECTED, AWAIT, BYTES(k_flight), AWAIT,
      BYTES(k_heartbeat)}, {.max_read_bytes = sizeof k_flight + 3}, TC_ANSWER_BROKEN, true, 0, 0, 0,
     60 + 70},
    {"reply: stopped while it is waited for", {FLIGHT, AWAIT, STOP}, {0}, TC_ANSWER_LOCAL, true, 0, 0,
     0, 150 + 70},
    {"reply: the endpoint's time is over", {FLIGHT}, {.endpoint_timeout_ms = 1000}, TC_ANSWER_LOCAL,
     true, 0, 0, 0, 1000},

    {"flight: an alert, and nothing is said behind it",
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_alert_10)}, {0}, TC_ANSWER_COMPLETE, false, 0, 0, 0,
     150 + 60},
    {"flight: of TLS 1.3, likewise", {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_flight13)}, {0},
     TC_ANSWER_COMPLETE, false, 0, 0, 0, 150 + 60},
    {"flight: another protocol, likewise", {OWN_TLS12, AGAIN, CONNECTED, AWAIT, TEXT(k_text)}, {0},
     TC_ANSWER_COMPLETE, false, 0, 0, 0, 150 + 60},
    {"flight: none, and silence", {OWN_TLS12, AGAIN, CONNECTED}, {0}, TC_ANSWER_SILENCE, false, 0, 0,
     0, 150 + 50 + 2000},
    {"flight: half of it, and silence", {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_server_hello)},
     {0}, TC_ANSWER_SILENCE, false, 0, 0, 0, 150 + 50 + 2000},
    {"flight: closed inside it", {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_server_hello), END}, {0},
     TC_ANSWER_CLOSED, false, 0, 0, 0, 150 + 70},
    {"flight: refused", {OWN_TLS12, AGAIN, CONNECT_FAILS(ECONNREFUSED)}, {0}, TC_ANSWER_UNREACHED,
     false, 0, 0, 0, 150 + 50},
    {"follow-up: it cannot be written", {FLIGHT}, {.follow_up_fails = TC_ERR_LIMIT}, TC_ANSWER_LOCAL,
     false, 0, 0, 0, 150 + 60},
    {"follow-up: the tunnel of a proxy carries it",
     {CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(&k_survey_tls12), AGAIN, CONNECTED, AWAIT,
      TEXT(k_proxy_yes), AWAIT, BYTES(k_flight), AWAIT, BYTES(k_alert_10)}, {.proxy = true},
     TC_ANSWER_COMPLETE, true, 21, 2, 10, 160 + 80},
    {"follow-up: behind STARTTLS as anywhere",
     {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(&k_survey_tls12), AGAIN,
      CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), AWAIT, BYTES(k_flight),
      AWAIT, BYTES(k_heartbeat)}, {.protocol = TC_PROTOCOL_SMTP}, TC_ANSWER_COMPLETE, true, 24, 19, 0,
     180 + 100},
};
/* clang-format on */

static bool ends_with(const struct fake_peer *peer, const void *bytes, size_t len)
{
    return peer->num_written >= len &&
           memcmp(peer->written + peer->num_written - len, bytes, len) == 0;
}

/* Who has sent an alert has left; everybody else hears that we do. */
static void check_farewell(const struct fake_peer *peer, const struct reply_case *row)
{
    if (row->type == 21) {
        assert_true(ends_with(peer, FOLLOW_UP, strlen(FOLLOW_UP)));
    } else if (row->end == TC_ANSWER_COMPLETE) {
        assert_true(ends_with(peer, k_close_notify, sizeof k_close_notify));
    }
}

static void check_reply(void **state)
{
    static const struct fake_question k_plan = ASKS_ON;
    const struct reply_case *row = *state;
    struct fake_net net;
    play(&net, &k_plan, row->script, &row->changes, false);
    const struct fake_answer *answer = fake_planner_answer(1);
    assert_int_equal(answer->end, row->end);
    assert_int_equal(answer->has_reply, row->has_reply);
    assert_int_equal(answer->reply.type, row->type);
    assert_int_equal(answer->reply.len, row->len);
    assert_int_equal(answer->reply.alert, row->alert);
    assert_int_equal(fake_net_elapsed_ms(&net), row->elapsed_ms);
    assert_int_equal(net.observation->connections, 2);
    assert_int_equal(fake_peer_has_bytes(net.peers[1], FOLLOW_UP, strlen(FOLLOW_UP)),
                     row->has_reply);
    if (row->has_reply) {
        check_farewell(net.peers[1], row);
    }
    fake_net_cleanup(&net);
}

/* ---- to port 80 ---- */

#define FILLER_LEN 8192
static char g_endless[FILLER_LEN + 200];     /* a head without end */
static char g_just_fits[FILLER_LEN];         /* one that ends with its last byte */
static char g_just_too_long[FILLER_LEN + 1]; /* or one byte later */
static const char k_head[] = "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.0\r\n\r\n";
static const char k_bare_head[] = "HTTP/1.1 200 OK\nUpgrade: TLS/1.0\n\n";
static const char k_mixed_head[] = "HTTP/1.1 200 OK\nUpgrade: TLS/1.0\n\r\n";
static const char k_head_and_body[] = "HTTP/1.1 200 OK\r\n\r\nUpgrade: TLS/1.0\r\n\r\n";
static const char k_first_half[] = "HTTP/1.1 200 OK\r\n\r";
static const char k_second_half[] = "\nmore";
static const char k_status_line[] = "HTTP/1.1 200 OK\r\n";
static const char k_nothing[] = "\r\n\r\n";

/* "HTTP/1.1 200 OK", and lines of a header, up to `len` bytes. */
static void fill_head(char *out, size_t len, bool ends)
{
    static const char k_line[] = "A: 234567890123456789\r\n";
    size_t used = strlen(k_status_line);
    memcpy(out, k_status_line, used);
    for (size_t i = 0; used + i < len; i++) {
        out[used + i] = k_line[i % strlen(k_line)];
    }
    if (ends) {
        memcpy(out + len - 5, "x\r\n\r\n", 5);
    }
}

static int set_up(void **state)
{
    fill_head(g_endless, sizeof g_endless, false);
    fill_head(g_just_fits, sizeof g_just_fits, true);
    fill_head(g_just_too_long, sizeof g_just_too_long, true);
    return survey_scenario_set_up(state);
}

#define ASKED OWN_TLS12, AGAIN, CONNECTED, AWAIT

/* clang-format off */
static const struct head_case {
    const char *name;
    struct fake_step script[MAX_STEPS];
    struct changes changes;
    enum tc_answer_end end;
    const char *head; /* the beginning of what was heard */
    size_t head_len;  /* 0: the length of `head` */
    bool was_sent;    /* the request */
    int64_t elapsed_ms;
} head_cases[] = {
    {"head: whole", {ASKED, TEXT(k_head)}, {0}, TC_ANSWER_COMPLETE, k_head, 0, true, 150 + 60},
    {"head: byte by byte", {ASKED, DRIBBLE_TEXT(k_head)}, {0}, TC_ANSWER_COMPLETE, k_head, 0, true,
     150 + 60 + sizeof k_head - 1},
    {"head: lines that end without a carriage return", {ASKED, TEXT(k_bare_head)}, {0},
     TC_ANSWER_COMPLETE, k_bare_head, 0, true, 150 + 60},
    {"head: both kinds of lines", {ASKED, TEXT(k_mixed_head)}, {0}, TC_ANSWER_COMPLETE, k_mixed_head, 0,
     true, 150 + 60},
    {"head: what is behind it is no part of it", {ASKED, TEXT(k_head_and_body)}, {0},
     TC_ANSWER_COMPLETE, "HTTP/1.1 200 OK\r\n\r\n", 0, true, 150 + 60},
    {"head: in two segments, cut inside the empty line",
     {ASKED, TEXT(k_first_half), TEXT(k_second_half)}, {0}, TC_ANSWER_COMPLETE,
     "HTTP/1.1 200 OK\r\n\r\n", 0, true, 150 + 70},
    {"head: empty lines and nothing else", {ASKED, TEXT(k_nothing)}, {0}, TC_ANSWER_COMPLETE, k_nothing,
     0, true, 150 + 60},
    {"head: as long as may be", {ASKED, BYTES(g_just_fits)}, {0}, TC_ANSWER_COMPLETE, k_status_line,
     FILLER_LEN, true, 150 + 60},
    {"head: a byte longer", {ASKED, BYTES(g_just_too_long)}, {0}, TC_ANSWER_BROKEN, k_status_line,
     FILLER_LEN, true, 150 + 60},
    {"head: without end", {ASKED, BYTES(g_endless)}, {0}, TC_ANSWER_BROKEN, k_status_line, FILLER_LEN,
     true, 150 + 60},
    {"head: none, and silence", {ASKED}, {0}, TC_ANSWER_SILENCE, "", 0, true, 150 + 50 + 2000},
    {"head: a line, and silence", {ASKED, TEXT(k_status_line)}, {0}, TC_ANSWER_SILENCE, k_status_line,
     0, true, 150 + 50 + 2000},
    {"head: hung up on", {ASKED, END}, {0}, TC_ANSWER_CLOSED, "", 0, true, 150 + 60},
    {"head: a line, and hung up", {ASKED, TEXT(k_status_line), END}, {0}, TC_ANSWER_CLOSED,
     k_status_line, 0, true, 150 + 70},
    {"head: whole, and reset behind it", {ASKED, TEXT(k_head), RESET}, {0}, TC_ANSWER_COMPLETE, k_head, 0,
     true, 150 + 60},
    {"head: reset", {ASKED, RESET}, {0}, TC_ANSWER_RESET, "", 0, true, 150 + 60},
    {"head: TLS where HTTP was expected", {ASKED, BYTES(k_alert_10), END}, {0}, TC_ANSWER_CLOSED, "\x15",
     sizeof k_alert_10, true, 150 + 70},
    {"head: stopped while it is waited for", {ASKED, STOP}, {0}, TC_ANSWER_LOCAL, "", 0, true, 150 + 60},
    {"head: the endpoint's time is over", {ASKED}, {.endpoint_timeout_ms = 1000}, TC_ANSWER_LOCAL, "", 0,
     true, 1000},
    {"port 80: closed", {OWN_TLS12, AGAIN, CONNECT_FAILS(ECONNREFUSED)}, {0}, TC_ANSWER_UNREACHED, "", 0,
     false, 150 + 50},
    {"port 80: no answer to our SYN", {OWN_TLS12}, {0}, TC_ANSWER_UNREACHED, "", 0, false, 150 + 5000},
    {"port 80: reset as soon as it was connected", {OWN_TLS12, AGAIN, CONNECT_FAILS(ECONNRESET)}, {0},
     TC_ANSWER_UNREACHED, "", 0, false, 150 + 50},
    {"port 80: no descriptor for it", {OWN_TLS12, AGAIN, OPEN_FAILS(EMFILE)}, {0}, TC_ANSWER_LOCAL, "", 0,
     false, 150},
    {"port 80: through the proxy's tunnel",
     {CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(&k_survey_tls12), AGAIN, CONNECTED, AWAIT,
      TEXT(k_proxy_yes), AWAIT, TEXT(k_head)}, {.proxy = true}, TC_ANSWER_COMPLETE, k_head, 0, true,
     160 + 70},
    {"port 80: the proxy has no tunnel there",
     {CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(&k_survey_tls12), AGAIN, CONNECTED, AWAIT,
      TEXT(k_proxy_no)}, {.proxy = true}, TC_ANSWER_UNREACHED, "", 0, false, 160 + 60},
    {"request: it cannot be written", {OWN_TLS12, AGAIN, CONNECTED}, {.hello_fails = TC_ERR_LIMIT},
     TC_ANSWER_LOCAL, "", 0, false, 150 + 50},
};
/* clang-format on */

static const struct fake_question k_http = {.question = {.kind = TC_QUESTION_HTTP},
                                            .hello = REQUEST};

static void check_one_head(const struct head_case *row, bool prepares)
{
    struct fake_net net;
    play(&net, &k_http, row->script, &row->changes, prepares);
    const struct fake_answer *answer = fake_planner_answer(1);
    const struct fake_peer *peer = net.peers[1];
    size_t head_len = row->head_len > 0 ? row->head_len : strlen(row->head);
    size_t shown = strlen(row->head) < MAX_HEAD_TEXT ? strlen(row->head) : MAX_HEAD_TEXT;
    assert_true(answer->has_head);
    assert_int_equal(answer->end, row->end);
    assert_int_equal(answer->head_len, head_len);
    assert_memory_equal(answer->head, row->head, shown);
    assert_int_equal(fake_net_elapsed_ms(&net), row->elapsed_ms);
    assert_int_equal(fake_peer_has_bytes(peer, REQUEST, strlen(REQUEST)), row->was_sent);
    if (row->was_sent) { /* no word of TLS behind it */
        assert_true(ends_with(peer, REQUEST, strlen(REQUEST)));
    }
    fake_net_cleanup(&net);
}

static void check_head(void **state)
{
    check_one_head(*state, false);
    check_one_head(*state, true);
}

/* ---- what a row does not tell ---- */

static void web_servers_are_asked_at_port_80(void **state)
{
    (void)state;
    static const struct fake_step k_script[MAX_STEPS] = {OWN_TLS12, AGAIN, CONNECTED, AWAIT,
                                                         TEXT(k_head)};
    static const struct changes k_none = {0};
    struct fake_net net;
    play(&net, &k_http, k_script, &k_none, true);
    assert_int_equal(net.peers[0]->port, 443);
    assert_int_equal(net.peers[1]->port, 80);
    assert_int_equal(net.peers[1]->num_written, strlen(REQUEST));
    assert_int_equal(net.observation->read_bytes - net.peers[0]->connection.read_bytes,
                     strlen(k_head));
    fake_net_cleanup(&net);
}

static void the_tunnel_is_to_port_80_too(void **state)
{
    (void)state;
    static const struct fake_step k_script[MAX_STEPS] = {
        CONNECTED,         AWAIT, TEXT(k_proxy_yes), TLS(&k_survey_tls12), AGAIN, CONNECTED, AWAIT,
        TEXT(k_proxy_yes), AWAIT, TEXT(k_head)};
    static const struct changes k_proxy = {.proxy = true};
    struct fake_net net;
    play(&net, &k_http, k_script, &k_proxy, false);
    assert_int_equal(net.peers[1]->port, net.peers[0]->port); /* the proxy's */
    assert_true(fake_peer_has_bytes(net.peers[0], "CONNECT 192.0.2.1:443 ", 22));
    assert_true(fake_peer_has_bytes(net.peers[1], "CONNECT 192.0.2.1:80 ", 21));
    fake_net_cleanup(&net);
}

static void other_questions_keep_the_targets_port(void **state)
{
    (void)state;
    static const struct fake_question k_plan = ASKS_ON;
    static const struct fake_step k_script[MAX_STEPS] = {FLIGHT, AWAIT, BYTES(k_heartbeat)};
    static const struct changes k_none = {0};
    struct fake_net net;
    play(&net, &k_plan, k_script, &k_none, false);
    assert_int_equal(net.peers[1]->port, 443);
    assert_int_equal(net.peers[1]->num_written,
                     strlen(k_fake_hello) + strlen(FOLLOW_UP) + sizeof k_close_notify);
    fake_net_cleanup(&net);
}

static void a_flight_of_tls13_was_understood(void **state)
{
    (void)state;
    static const struct fake_question k_plan = ASKS_ON;
    static const struct fake_step k_script[MAX_STEPS] = {OWN_TLS12, AGAIN, CONNECTED, AWAIT,
                                                         BYTES(k_flight13)};
    static const struct changes k_none = {0};
    struct fake_net net;
    play(&net, &k_plan, k_script, &k_none, false);
    assert_int_equal(fake_planner_answer(1)->state, TC_FLIGHT_SERVER_HELLO);
    fake_net_cleanup(&net);
}

/* A place in the survey is used again: nothing of the question before is left in it. */
static void a_place_is_clean_for_the_next_question(void **state)
{
    (void)state;
    static const struct fake_question k_plan[] = {
        ASKS_ON,
        {.question = {.kind = TC_QUESTION_HTTP}, .hello = REQUEST, .after = 1},
        {.question = {.kind = TC_QUESTION_HELLO}, .follow_up = FOLLOW_UP, .after = 2},
        {.question = {.kind = TC_QUESTION_HTTP}, .hello = REQUEST, .after = 3},
        {.question = {.kind = TC_QUESTION_HELLO}, .after = 4},
    };
    static const struct fake_step k_script[MAX_STEPS] = {FLIGHT,    AWAIT, BYTES(k_alert_10),
                                                         AGAIN, /* 1 */
                                                         CONNECTED, AWAIT, TEXT(k_head),
                                                         AGAIN, /* 2 */
                                                         CONNECTED, AWAIT, BYTES(k_flight),
                                                         AWAIT,     END,   AGAIN, /* 3 */
                                                         CONNECTED, AWAIT, END,
                                                         AGAIN, /* 4 */
                                                         CONNECTED, AWAIT, BYTES(k_flight)};
    struct tc_scan_options options = g_standard;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.per_address = 1; /* one place */
    fake_planner_reset(k_plan, TC_ARRAY_LEN(k_plan));
    fake_net_init(&net, k_script, &options, g_standard_tls, &target);
    assert_true(fake_net_play(&net));
    assert_int_equal(g_planner.num_answers, TC_ARRAY_LEN(k_plan));
    assert_int_equal(fake_planner_answer(1)->reply.alert, 10);
    assert_int_equal(fake_planner_answer(3)->reply.type, 0);
    assert_int_equal(fake_planner_answer(3)->end, TC_ANSWER_CLOSED);
    assert_int_equal(fake_planner_answer(4)->head_len, 0);
    assert_false(fake_planner_answer(5)->has_reply);
    assert_true(ends_with(net.peers[5], k_close_notify, sizeof k_close_notify));
    assert_true(fake_net_is_clean(&net));
    fake_net_cleanup(&net);
}

/* As any question does: what port it is for makes no difference to the address. */
static void a_request_waits_for_its_turn(void **state)
{
    (void)state;
    static const struct fake_step k_script[MAX_STEPS] = {OWN_TLS12, AGAIN, CONNECTED, AWAIT,
                                                         TEXT(k_head)};
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_planner_reset(&k_http, 1);
    fake_net_init(&net, k_script, &g_standard, g_standard_tls, &target);
    net.turn_us = 900000;
    assert_true(fake_net_play(&net));
    assert_int_equal(fake_planner_answer(1)->end, TC_ANSWER_COMPLETE);
    assert_int_equal(net.peers[1]->opened_us - FAKE_START_US, 150000 + 900000);
    fake_net_cleanup(&net);
}

static void no_memory_for_a_request(void **state)
{
    (void)state;
    static const struct fake_step k_script[MAX_STEPS] = {OWN_TLS12};
    static const struct changes k_changes = {.no_probes = true};
    struct fake_net net;
    play(&net, &k_http, k_script, &k_changes, false);
    assert_int_equal(fake_planner_answer(1)->end, TC_ANSWER_LOCAL);
    assert_true(fake_planner_answer(1)->has_head);
    assert_non_null(strstr(g_planner.stopped, "memory"));
    fake_net_cleanup(&net);
}

enum { NUM_OTHERS = 7 };
#define NUM_REPLIES TC_ARRAY_LEN(reply_cases)

int main(void)
{
    const struct CMUnitTest others[NUM_OTHERS] = {
        cmocka_unit_test(web_servers_are_asked_at_port_80),
        cmocka_unit_test(the_tunnel_is_to_port_80_too),
        cmocka_unit_test(other_questions_keep_the_targets_port),
        cmocka_unit_test(a_flight_of_tls13_was_understood),
        cmocka_unit_test(a_place_is_clean_for_the_next_question),
        cmocka_unit_test(a_request_waits_for_its_turn),
        cmocka_unit_test(no_memory_for_a_request),
    };
    struct CMUnitTest tests[NUM_REPLIES + TC_ARRAY_LEN(head_cases) + NUM_OTHERS] = {0};
    for (size_t i = 0; i < NUM_REPLIES; i++) {
        tests[i].name = reply_cases[i].name;
        tests[i].test_func = check_reply;
        tests[i].initial_state = (void *)(uintptr_t)&reply_cases[i];
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(head_cases); i++) {
        tests[NUM_REPLIES + i].name = head_cases[i].name;
        tests[NUM_REPLIES + i].test_func = check_head;
        tests[NUM_REPLIES + i].initial_state = (void *)(uintptr_t)&head_cases[i];
    }
    memcpy(tests + NUM_REPLIES + TC_ARRAY_LEN(head_cases), others, sizeof others);
    return cmocka_run_group_tests_name("survey_probe_intrusive", tests, set_up,
                                       survey_scenario_tear_down);
}
