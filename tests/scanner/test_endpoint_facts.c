/* What a row holds besides its outcome: facts, times, and what was said to the peer. */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "scenario.h"

static const struct tls_peer_options k_tls12 = {.max_version = TLS1_2_VERSION};
static const char k_proxy_yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";

/* Plays one script with the defaults; the caller cleans up. */
static void play(struct fake_net *net, const struct fake_step *script,
                 const struct tc_scan_options *options, struct tc_target *target)
{
    fake_net_init(net, script, options, g_scenario.tls, target);
    assert_true(fake_net_play(net));
    assert_non_null(net->observation);
}

static bool has_bytes(const struct fake_net *net, const char *text)
{
    return fake_net_has_bytes(net, text, strlen(text));
}

static void facts_of_a_good_handshake(void **state)
{
    (void)state;
    static const struct tls_peer_options k_rich = {.staples = true, .negotiates_alpn = true};
    static const struct fake_step k_script[] = {CONNECTED, TLS(&k_rich), {0}};
    struct tc_scan_options options = g_scenario.options;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.keep_messages = true;
    target.target_id = 42;
    play(&net, k_script, &options, &target);
    const struct tc_observation *got = net.observation;
    assert_int_equal(got->target_id, 42);
    assert_string_equal(got->address, "192.0.2.1");
    assert_int_equal(got->tls_version, 0x0304);
    assert_in_range(got->cipher, 0x1301, 0x1303);
    assert_int_equal(got->signature_scheme, 0x0403);
    assert_true(got->kx_group != 0);
    assert_string_equal(got->alpn, "h2");
    assert_int_equal(got->ocsp_stapled, TC_YES);
    assert_int_equal(got->client_certificate_requested, TC_NO);
    assert_int_equal(got->hello_retry, TC_NO);
    assert_int_equal(got->name_match, TC_YES);
    assert_int_equal(got->chain->num_presented, 1);
    assert_true(got->chain->trusted);
    assert_int_equal(got->observed_s, MAKE_NOW_S);
    assert_true(got->read_bytes > 500);
    assert_true(has_bytes(&net, "host.example"));
    assert_true(got->num_messages >= 7);
    assert_int_equal(got->messages[0].type, 1);
    assert_false(got->messages[0].from_server);
    assert_int_equal(got->messages[1].type, 2);
    assert_true(got->messages[1].from_server);
    assert_int_equal(got->messages[1].offset_us, 50000);
    fake_net_cleanup(&net);
}

static void times_of_a_good_handshake(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(&k_tls12), {0}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    play(&net, k_script, &g_scenario.options, &target);
    const struct tc_timing *timing = &net.observation->timing;
    assert_int_equal(timing->dns_us, TC_TIME_UNKNOWN);
    assert_int_equal(timing->connect_us, 50000);
    assert_int_equal(timing->starttls_us, TC_TIME_UNKNOWN);
    assert_int_equal(timing->server_hello_us, 50000);
    assert_int_equal(timing->handshake_us, 100000);
    assert_int_equal(timing->total_us, 150000);
    assert_int_equal(timing->own_us, 0); /* the fake clock stands while we compute */
    assert_int_equal(timing->rtt_us, 777);
    assert_int_equal(timing->loop_lag_us, 0);
    fake_net_cleanup(&net);
}

static void our_own_queue_is_not_the_peers_time(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(&k_tls12), {0}};
    struct tc_scan_options options = g_scenario.options;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.keep_messages = true;
    fake_net_init(&net, k_script, &options, g_scenario.tls, &target);
    net.queue_us = 30000; /* every event waits so long before it is looked at */
    assert_true(fake_net_play(&net));
    const struct tc_timing *timing = &net.observation->timing;
    assert_int_equal(timing->connect_us, 50000);
    assert_int_equal(timing->server_hello_us, 50000);
    assert_int_equal(timing->handshake_us, 100000);
    assert_int_equal(timing->total_us, 150000);
    assert_int_equal(net.observation->messages[1].offset_us, 50000);
    fake_net_cleanup(&net);
}

static void a_lookup_is_part_of_the_total(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECT_FAILS(ECONNREFUSED), {0}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_net_init(&net, k_script, &g_scenario.options, g_scenario.tls, &target);
    net.origin.dns_us = 1234;
    assert_true(fake_net_play(&net));
    assert_int_equal(net.observation->timing.dns_us, 1234);
    assert_int_equal(net.observation->timing.connect_us, TC_TIME_UNKNOWN);
    assert_int_equal(net.observation->timing.total_us, 1234);
    fake_net_cleanup(&net);
}

static void addresses_are_no_server_names(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(NULL), {0}};
    static char k_literal[] = "192.0.2.1";
    struct tc_target target = scenario_target();
    struct fake_net net;
    target.host = k_literal;
    target.is_address = true;
    play(&net, k_script, &g_scenario.options, &target);
    assert_false(has_bytes(&net, "192.0.2.1"));
    assert_int_equal(net.observation->name_match, TC_NO);
    fake_net_cleanup(&net);
}

static void the_sni_column_wins(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(NULL), {0}};
    static char k_literal[] = "192.0.2.1";
    static char k_sni[] = "host.example";
    struct tc_target target = scenario_target();
    struct fake_net net;
    target.host = k_literal;
    target.is_address = true;
    target.sni = k_sni;
    play(&net, k_script, &g_scenario.options, &target);
    assert_true(has_bytes(&net, "host.example"));
    assert_int_equal(net.observation->name_match, TC_YES);
    fake_net_cleanup(&net);
}

static void alpn_is_for_the_web(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(NULL), {0}};
    static const enum tc_protocol k_without[] = {TC_PROTOCOL_IMAPS, TC_PROTOCOL_LDAPS};
    struct tc_target target = scenario_target();
    struct fake_net net;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_without); i++) {
        target.protocol = k_without[i];
        play(&net, k_script, &g_scenario.options, &target);
        assert_false(has_bytes(&net, "http/1.1"));
        fake_net_cleanup(&net);
    }
    target.protocol = TC_PROTOCOL_TLS;
    play(&net, k_script, &g_scenario.options, &target);
    assert_true(has_bytes(&net, "\x02h2\x08http/1.1"));
    fake_net_cleanup(&net);
}

static void the_proxy_gets_the_name_where_it_resolves(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {
        CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(NULL), {0}};
    struct tc_scan_options options = g_scenario.options;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.proxy = &k_scenario_proxy;
    fake_net_init(&net, k_script, &options, g_scenario.tls, &target);
    net.endpoint.address = (struct tc_address){0};
    assert_true(fake_net_play(&net));
    assert_true(has_bytes(&net, "CONNECT host.example:443 "));
    assert_string_equal(net.observation->address, "");
    assert_int_equal(net.observation->outcome, TC_OUTCOME_OK);
    assert_int_equal(net.observation->timing.rtt_us, TC_TIME_UNKNOWN);
    fake_net_cleanup(&net);
}

static void a_good_talk_ends_with_close_notify(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(&k_tls12), {0}};
    struct tc_scan_options options = g_scenario.options;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.keep_messages = true;
    play(&net, k_script, &options, &target);
    const struct tc_observation *got = net.observation;
    const struct tc_message *last = &got->messages[got->num_messages - 1];
    assert_int_equal(last->type, 253); /* an alert */
    assert_false(last->from_server);
    fake_net_cleanup(&net);
}

static void retries_are_spread(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, AWAIT, END, AGAIN,
                                                CONNECTED, AWAIT, END, {0}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_net_init(&net, k_script, &g_scenario.options, g_scenario.tls, &target);
    net.random = 400000; /* microseconds of jitter */
    assert_true(fake_net_play(&net));
    assert_int_equal(fake_net_elapsed_ms(&net), 60 + 250 + 400 + 60);
    fake_net_cleanup(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_of_a_good_handshake),
        cmocka_unit_test(times_of_a_good_handshake),
        cmocka_unit_test(our_own_queue_is_not_the_peers_time),
        cmocka_unit_test(a_lookup_is_part_of_the_total),
        cmocka_unit_test(addresses_are_no_server_names),
        cmocka_unit_test(the_sni_column_wins),
        cmocka_unit_test(alpn_is_for_the_web),
        cmocka_unit_test(the_proxy_gets_the_name_where_it_resolves),
        cmocka_unit_test(a_good_talk_ends_with_close_notify),
        cmocka_unit_test(retries_are_spread),
    };
    return cmocka_run_group_tests_name("endpoint_facts", tests, scenario_set_up,
                                       scenario_tear_down);
}
