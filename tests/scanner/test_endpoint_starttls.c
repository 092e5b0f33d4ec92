/* Endpoints whose TLS begins inside another protocol. */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "scenario.h"

static const char k_greeting[] = "220 mx.example ESMTP\r\n";
static const char k_offers[] = "250-mx.example\r\n250-STARTTLS\r\n250 HELP\r\n";
static const char k_offers_none[] = "250-mx.example\r\n250 HELP\r\n";
static const char k_go[] = "220 go\r\n";
static const char k_go_and_more[] = "220 go\r\n250 injected\r\n";
static const char k_all_at_once[] = "220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n";
static const char k_later[] = "454 4.7.0 not now\r\n";
static const char k_too_many[] = "421 too many\r\n";
static const char k_blocked[] = "554 blocked\r\n";
static const char k_ssh[] = "SSH-2.0-Old\r\n";
static const char k_http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
static const char k_endless[] = "220-mx\r\n";
static const char k_imap[] = "* OK\r\n* CAPABILITY STARTTLS\r\na OK\r\n";
static const char k_imap_go[] = "b OK\r\n";
static const char k_postgres[] = "S";
static const char k_postgres_no[] = "N";
static const char k_stream[] =
    "<stream:stream version='1.0'><stream:features><starttls/></stream:features>";
static const char k_proceed[] = "<proceed/>";
static const uint8_t k_mysql[] = {0x18, 0,   0,   0,   10,  '8', 0,    1,    0, 0, 0, 's', 'a', 'l',
                                  't',  's', 'a', 'l', 't', 0,   0xff, 0xff, 0, 0, 0, 0,   0,   0};
static const char k_proxy_yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
static const uint8_t k_alert_40[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};

static const struct tls_peer_options k_tls12 = {.max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_asks_12 = {.max_version = TLS1_2_VERSION,
                                                  .asks_certificate = true};

#define EHLO        "EHLO localhost.localdomain\r\n"
#define START       "STARTTLS\r\n"
#define CONNECT     "CONNECT 192.0.2.1:25 HTTP/1.1\r\nHost: 192.0.2.1:25\r\n\r\n"
#define STREAM_HEAD "<?xml version='1.0'?><stream:stream xmlns='jabber:client'"

static struct starttls_case {
    const char *name;
    enum tc_protocol protocol;
    struct fake_step script[12];
    bool proxy;
    unsigned retries; /* + 1 */
    size_t write_room;
    const char *said;  /* first of all; where it ended before TLS, all of it */
    const char *heard; /* inside TLS, last of all */
    enum tc_outcome outcome;
    enum tc_stage stage;
    const char *detail;
    unsigned attempts;
    int64_t starttls_us; /* TC_TIME_UNKNOWN: it was not agreed on */
    int64_t leftover_bytes;
    int elapsed_ms;
} starttls_cases[] = {
    {.name = "smtp: TLS is agreed on, and QUIT is said inside",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(NULL)},
     .said = EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000,
     .elapsed_ms = 130},
    {.name = "smtp: the same with TLS 1.2",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go),
                TLS(&k_tls12)},
     .said = EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000,
     .elapsed_ms = 180},
    {.name = "smtp: a client certificate that is only asked for",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go),
                TLS(&k_asks_12)},
     .said = EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000,
     .elapsed_ms = 180},
    {.name = "smtp: byte by byte",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, DRIBBLE_TEXT(k_greeting), AWAIT, DRIBBLE_TEXT(k_offers), AWAIT,
                DRIBBLE_TEXT(k_go), TLS(NULL)},
     .said = EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000 + 1000 * (sizeof k_greeting + sizeof k_offers + sizeof k_go - 3),
     .elapsed_ms = 130 + sizeof k_greeting + sizeof k_offers + sizeof k_go - 3},
    {.name = "smtp: the kernel takes our words in pieces",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(NULL)},
     .write_room = 7,
     .said = EHLO START "\x16",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000,
     .elapsed_ms = 130},
    {.name = "smtp: bytes behind the go are no TLS, and are counted",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go_and_more),
                TLS(NULL)},
     .said = EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000,
     .leftover_bytes = 14,
     .elapsed_ms = 130},
    {.name = "smtp: through a proxy",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, AWAIT, TEXT(k_proxy_yes), TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT,
                TEXT(k_go), TLS(NULL)},
     .proxy = true,
     .said = CONNECT EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 30000,
     .elapsed_ms = 140},
    {.name = "imap: TLS is agreed on, and LOGOUT is said inside",
     .protocol = TC_PROTOCOL_IMAP,
     .script = {CONNECTED, TEXT(k_imap), TEXT(k_imap_go), TLS(NULL)},
     .said = "a CAPABILITY\r\nb STARTTLS\r\n\x16",
     .heard = "c LOGOUT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 20000,
     .elapsed_ms = 120},
    {.name = "xmpp: the domain is what TLS is asked for, and nothing is said inside",
     .protocol = TC_PROTOCOL_XMPP_CLIENT,
     .script = {CONNECTED, AWAIT, TEXT(k_stream), AWAIT, TEXT(k_proceed), TLS(NULL)},
     .said = STREAM_HEAD " xmlns:stream='http://etherx.jabber.org/streams' to='host.example'"
                         " version='1.0'><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\x16",
     .heard = "",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 20000,
     .elapsed_ms = 120},
    {.name = "postgres: one byte is the go",
     .protocol = TC_PROTOCOL_POSTGRES,
     .script = {CONNECTED, AWAIT, TEXT(k_postgres), TLS(NULL)},
     .heard = "",
     .outcome = TC_OUTCOME_OK,
     .attempts = 1,
     .starttls_us = 10000,
     .elapsed_ms = 110},
    {.name = "mysql: our request is the go, and it is sent before the ClientHello",
     .protocol = TC_PROTOCOL_MYSQL,
     .script = {CONNECTED, BYTES(k_mysql), BYTES(k_alert_40)},
     .outcome = TC_OUTCOME_ALERT,
     .stage = TC_STAGE_TLS,
     .detail = "handshake_failure",
     .attempts = 1,
     .starttls_us = 10000,
     .elapsed_ms = 70},

    {.name = "smtp: not offered, and QUIT is said",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers_none), END},
     .said = EHLO "QUIT\r\n",
     .outcome = TC_OUTCOME_STARTTLS_REFUSED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "no STARTTLS in the answer to EHLO: 250-mx.example 250 HELP",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 70},
    {.name = "smtp: refused, and there is no second try",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_later), AGAIN,
                CONNECTED},
     .retries = 4,
     .said = EHLO START "QUIT\r\n",
     .outcome = TC_OUTCOME_STARTTLS_REFUSED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the answer to STARTTLS is: 454 4.7.0 not now",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 80},
    {.name = "smtp: who hangs up wants no QUIT",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_too_many), END},
     .said = "",
     .outcome = TC_OUTCOME_STARTTLS_REFUSED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the greeting is: 421 too many",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 60},
    {.name = "smtp: blocked, and QUIT is all that we say",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_blocked)},
     .said = "QUIT\r\n",
     .outcome = TC_OUTCOME_STARTTLS_REFUSED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the greeting is: 554 blocked",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 60},
    {.name = "smtp: silence is not tried again",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, AGAIN, CONNECTED},
     .retries = 4,
     .said = "",
     .outcome = TC_OUTCOME_STARTTLS_FAILED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the greeting did not come in time",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 30050},
    {.name = "smtp: silence after EHLO, and QUIT is said",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting)},
     .said = EHLO "QUIT\r\n",
     .outcome = TC_OUTCOME_STARTTLS_FAILED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the answer to EHLO did not come in time",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 30050},
    {.name = "smtp: closed before the greeting",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, END},
     .said = "",
     .outcome = TC_OUTCOME_STARTTLS_FAILED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the server closed the connection before the greeting",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 60},
    {.name = "smtp: reset before the greeting, then all is well",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, RESET, AGAIN, CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT,
                TEXT(k_go), TLS(NULL)},
     .said = EHLO START "\x16",
     .heard = "QUIT\r\n",
     .outcome = TC_OUTCOME_OK,
     .attempts = 2,
     .starttls_us = 30000,
     .elapsed_ms = 440},
    {.name = "smtp: reset after EHLO",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, RESET},
     .retries = 1,
     .said = EHLO,
     .outcome = TC_OUTCOME_RESET,
     .stage = TC_STAGE_STARTTLS,
     .detail = "the server reset the connection before the answer to EHLO",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 70},
    {.name = "smtp: another protocol, and nothing is said to it",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_ssh)},
     .said = "",
     .outcome = TC_OUTCOME_STARTTLS_FAILED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "in place of the greeting: SSH-2.0-Old",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 60},
    {.name = "smtp: stopped in the dialogue, and QUIT is said",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_greeting), AWAIT, STOP},
     .said = EHLO "QUIT\r\n",
     .outcome = TC_OUTCOME_INTERRUPTED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "stopped",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 70},
    {.name = "smtp: stopped before the greeting, and nothing is said",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, STOP},
     .said = "",
     .outcome = TC_OUTCOME_INTERRUPTED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "stopped",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 60},
    {.name = "smtp: text where TLS should begin",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_all_at_once), AWAIT, TEXT(k_http)},
     .said = EHLO START "\x16",
     .outcome = TC_OUTCOME_NOT_TLS,
     .stage = TC_STAGE_TLS,
     .detail = "HTTP/1.1 400",
     .attempts = 1,
     .starttls_us = 10000,
     .elapsed_ms = 70},
    {.name = "smtp: silence after the go",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECTED, TEXT(k_all_at_once)},
     .retries = 1,
     .said = EHLO START "\x16",
     .outcome = TC_OUTCOME_HANDSHAKE_TIMEOUT,
     .stage = TC_STAGE_TLS,
     .detail = "no answer to our ClientHello",
     .attempts = 1,
     .starttls_us = 10000,
     .elapsed_ms = 10060},
    {.name = "postgres: N",
     .protocol = TC_PROTOCOL_POSTGRES,
     .script = {CONNECTED, AWAIT, TEXT(k_postgres_no)},
     .outcome = TC_OUTCOME_STARTTLS_REFUSED,
     .stage = TC_STAGE_STARTTLS,
     .detail = "N (no TLS)",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 60},
    {.name = "smtp: the port is closed",
     .protocol = TC_PROTOCOL_SMTP,
     .script = {CONNECT_FAILS(ECONNREFUSED)},
     .said = "",
     .outcome = TC_OUTCOME_REFUSED,
     .stage = TC_STAGE_TCP,
     .detail = "closed",
     .attempts = 1,
     .starttls_us = TC_TIME_UNKNOWN,
     .leftover_bytes = -1,
     .elapsed_ms = 50},
};

static void check_said(const struct fake_net *net, const struct starttls_case *row)
{
    const struct fake_peer *peer = net->peers[net->num_peers - 1];
    size_t len = row->said != NULL ? strlen(row->said) : 0;
    if (row->said == NULL) {
        return;
    }
    assert_true(peer->num_written >= len);
    assert_memory_equal(peer->written, row->said, len);
    if (row->starttls_us == TC_TIME_UNKNOWN) {
        assert_int_equal(peer->num_written, len);
    }
}

static void check_times(const struct tc_timing *timing, const struct starttls_case *row)
{
    assert_int_equal(timing->starttls_us, row->starttls_us);
    assert_int_equal(timing->server_hello_us,
                     row->outcome == TC_OUTCOME_OK ? 50000 : timing->server_hello_us);
    if (row->outcome == TC_OUTCOME_OK) {
        assert_int_equal(timing->total_us,
                         timing->connect_us + timing->starttls_us + timing->handshake_us);
    }
}

static void check_row(const struct starttls_case *row, bool prepares)
{
    struct tc_scan_options options = g_scenario.options;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.retries = row->retries > 0 ? row->retries - 1 : options.retries;
    options.proxy = row->proxy ? &k_scenario_proxy : NULL;
    target.protocol = row->protocol;
    target.port = 25;
    fake_net_init(&net, row->script, &options, g_scenario.tls, &target);
    net.write_room = row->write_room;
    net.prepares = prepares;
    assert_true(fake_net_play(&net));
    const struct tc_observation *got = net.observation;
    assert_non_null(got);
    assert_string_equal(tc_outcome_str(got->outcome), tc_outcome_str(row->outcome));
    assert_string_equal(tc_stage_str(got->stage), tc_stage_str(row->stage));
    if (row->detail != NULL && strstr(got->detail, row->detail) == NULL) {
        assert_string_equal(got->detail, row->detail);
    }
    assert_int_equal(got->attempts, row->attempts);
    assert_int_equal(got->starttls_leftover_bytes, row->leftover_bytes);
    assert_int_equal(got->chain != NULL, row->outcome == TC_OUTCOME_OK);
    assert_int_equal(fake_net_elapsed_ms(&net), row->elapsed_ms);
    check_times(&got->timing, row);
    check_said(&net, row);
    if (row->heard != NULL) {
        assert_string_equal(net.peers[net.num_peers - 1]->heard, row->heard);
    }
    assert_null(net.endpoint.reach.starttls);
    assert_null(net.endpoint.reach.detail);
    assert_true(fake_net_is_clean(&net));
    fake_net_cleanup(&net);
}

static void check_starttls(void **state)
{
    check_row(*state, false);
    check_row(*state, true);
}

static void our_own_queue_is_not_the_dialogues_time(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {
        CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(&k_tls12), {0}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    target.protocol = TC_PROTOCOL_SMTP;
    fake_net_init(&net, k_script, &g_scenario.options, g_scenario.tls, &target);
    /* Every event waits so long before it is looked at: the greeting is there by then. */
    net.queue_us = 30000;
    assert_true(fake_net_play(&net));
    const struct tc_timing *timing = &net.observation->timing;
    assert_int_equal(timing->connect_us, 50000);
    assert_int_equal(timing->starttls_us, 20000);
    assert_int_equal(timing->server_hello_us, 50000);
    assert_int_equal(timing->handshake_us, 100000);
    assert_int_equal(timing->total_us, 170000);
    fake_net_cleanup(&net);
}

static void the_name_to_greet_with_is_an_option(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TEXT(k_greeting), AWAIT, END, {0}};
    struct tc_scan_options options = g_scenario.options;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.helo = "audit.example.org";
    target.protocol = TC_PROTOCOL_SMTP;
    fake_net_init(&net, k_script, &options, g_scenario.tls, &target);
    assert_true(fake_net_play(&net));
    assert_memory_equal(net.peers[0]->written, "EHLO audit.example.org\r\n", 24);
    fake_net_cleanup(&net);
}

static void a_name_that_cannot_be_said_is_our_own_trouble(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, {0}};
    static char k_host[] = "a host";
    struct tc_target target = scenario_target();
    struct fake_net net;
    target.protocol = TC_PROTOCOL_XMPP_CLIENT;
    target.host = k_host;
    fake_net_init(&net, k_script, &g_scenario.options, g_scenario.tls, &target);
    assert_true(fake_net_play(&net));
    assert_int_equal(net.observation->outcome, TC_OUTCOME_LOCAL_ERROR);
    assert_int_equal(net.peers[0]->num_written, 0);
    fake_net_cleanup(&net);
}

/* Sends lines of an answer that never ends. */
static void an_endless_greeting_is_cut(void **state)
{
    (void)state;
    enum { NUM = TC_STARTTLS_REPLY_MAX / (sizeof k_endless - 1) };
    static struct fake_step script[NUM + 3] = {CONNECTED};
    struct tc_target target = scenario_target();
    struct fake_net net;
    for (size_t i = 1; i < TC_ARRAY_LEN(script) - 1; i++) {
        script[i] = (struct fake_step)TEXT(k_endless);
    }
    target.protocol = TC_PROTOCOL_SMTP;
    fake_net_init(&net, script, &g_scenario.options, g_scenario.tls, &target);
    assert_true(fake_net_play(&net));
    assert_int_equal(net.observation->outcome, TC_OUTCOME_STARTTLS_FAILED);
    assert_string_equal(net.observation->detail, "the greeting is longer than 8192 bytes");
    fake_net_cleanup(&net);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(our_own_queue_is_not_the_dialogues_time),
        cmocka_unit_test(the_name_to_greet_with_is_an_option),
        cmocka_unit_test(a_name_that_cannot_be_said_is_our_own_trouble),
        cmocka_unit_test(an_endless_greeting_is_cut),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(starttls_cases)] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(starttls_cases); i++) {
        tests[i].name = starttls_cases[i].name;
        tests[i].test_func = check_starttls;
        tests[i].initial_state = &starttls_cases[i];
    }
    int failed = cmocka_run_group_tests_name("endpoint_starttls", tests, scenario_set_up,
                                             scenario_tear_down);
    return failed + cmocka_run_group_tests_name("endpoint_starttls_rest", others, scenario_set_up,
                                                scenario_tear_down);
}
