/* Certificates that probes bring: whose they are, and which become the row's. */
#include "test_support.h"

#include <string.h>

#include "survey_scenario.h"

static const uint8_t k_alert_40[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};
/* A ServerHello of TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and nothing behind it. */
static const uint8_t k_server_hello[] = {
    0x16, 0x03, 0x03, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03, 1,    2,    3,    4,   5,
    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,   16,   17,   18,   19,   20,  21,
    22,   23,   24,   25,   26,   27,   28,   29,   30,   31,   32,   0x00, 0xc0, 0x2f, 0x00};

/* ServerHello, the test's certificate and ServerHelloDone, as records. */
static size_t make_flight(uint8_t *out, size_t capacity, size_t copies)
{
    static const uint8_t k_done[] = {0x16, 0x03, 0x03, 0x00, 0x04, 0x0e, 0x00, 0x00, 0x00};
    const struct made_cert *cert = peer_cert();
    size_t der = cert->der_len;
    size_t list = copies * (der + 3);
    size_t body = list + 3;
    size_t message = body + 4;
    size_t used = sizeof k_server_hello;
    assert_true(used + 5 + message + sizeof k_done <= capacity && message < 65536);
    memcpy(out, k_server_hello, used);
    const uint8_t head[] = {0x16,
                            0x03,
                            0x03,
                            (uint8_t)(message >> 8),
                            (uint8_t)message,
                            0x0b,
                            0,
                            (uint8_t)(body >> 8),
                            (uint8_t)body,
                            0,
                            (uint8_t)(list >> 8),
                            (uint8_t)list};
    const uint8_t der_len[] = {0, (uint8_t)(der >> 8), (uint8_t)der};
    memcpy(out + used, head, sizeof head);
    used += sizeof head;
    for (size_t i = 0; i < copies; i++) {
        memcpy(out + used, der_len, sizeof der_len);
        memcpy(out + used + sizeof der_len, cert->der, der);
        used += sizeof der_len + der;
    }
    memcpy(out + used, k_done, sizeof k_done);
    return used + sizeof k_done;
}

#define MAX_STEPS 24

/* Plays a script against a plan; the caller looks at the net and cleans up. */
static void play(struct fake_net *net, const struct fake_question *plan, size_t num_plan,
                 const struct fake_step *script, const struct tc_scan_options *options,
                 struct tc_target *target)
{
    fake_planner_reset(plan, num_plan);
    g_planner.num_repeats = 2;
    fake_net_init(net, script, options, g_standard_tls, target);
    assert_true(fake_net_play(net));
    assert_non_null(net->observation);
    assert_int_equal(g_planner.num_alive, 0);
}

/* Plays one probe whose answer has a certificate, after an own talk that saw one or not. */
static void play_flight(struct fake_net *net, enum tc_survey_chain chain, bool is_own_seen,
                        const struct tc_scan_options *options, struct tc_target *target)
{
    static uint8_t flight[4096];
    static const struct fake_step k_seen[] = {CONNECTED, TLS(&k_survey_tls12), AGAIN};
    static const struct fake_step k_unseen[] = {CONNECTED, AWAIT, BYTES(k_alert_40), AGAIN};
    const struct fake_question plan[] = {
        {.question = {.keeps_certificates = true}, .chain = chain}};
    const struct fake_step rest[] = {CONNECTED,
                                     AWAIT,
                                     {.kind = FAKE_BYTES,
                                      .after_ms = 10,
                                      .bytes = flight,
                                      .len = make_flight(flight, sizeof flight, 1)},
                                     {.kind = FAKE_REPEAT}};
    struct fake_step script[MAX_STEPS] = {{0}};
    size_t num_own = is_own_seen ? TC_ARRAY_LEN(k_seen) : TC_ARRAY_LEN(k_unseen);
    memcpy(script, is_own_seen ? k_seen : k_unseen, num_own * sizeof script[0]);
    memcpy(script + num_own, rest, sizeof rest);
    play(net, plan, TC_ARRAY_LEN(plan), script, options, target);
}

static void a_failed_handshake_gets_its_chain_from_a_probe(void **state)
{
    (void)state;
    struct tc_target target = scenario_target();
    struct fake_net net;
    play_flight(&net, TC_SURVEY_CHAIN_OWN, false, &g_standard, &target);
    assert_int_equal(net.observation->outcome, TC_OUTCOME_ALERT);
    assert_non_null(net.observation->chain);
    assert_int_equal(net.observation->chain->num_presented, 1);
    assert_true(net.observation->chain->trusted);
    assert_int_equal(net.observation->name_match, TC_YES);
    assert_int_equal(net.observation->num_other_chains, 0);
    fake_net_cleanup(&net);
}

static void the_handshakes_own_chain_stays(void **state)
{
    (void)state;
    struct tc_target target = scenario_target();
    struct fake_net net;
    play_flight(&net, TC_SURVEY_CHAIN_OWN, true, &g_standard, &target);
    assert_int_equal(net.observation->outcome, TC_OUTCOME_OK);
    assert_non_null(net.observation->chain);
    assert_int_equal(net.observation->num_other_chains, 0);
    fake_net_cleanup(&net);
}

/* Two answers with certificates, one after the other: the second has two. */
static void check_chains(const enum tc_survey_chain chains[2], size_t expected_num)
{
    static uint8_t flights[2][4096];
    struct tc_target target = scenario_target();
    struct fake_net net;
    const struct fake_question plan[] = {
        {.question = {.keeps_certificates = true}, .chain = chains[0]},
        {.question = {.keeps_certificates = true}, .chain = chains[1], .after = 1}};
    struct fake_step script[MAX_STEPS] = {CONNECTED, AWAIT, BYTES(k_alert_40), AGAIN,
                                          CONNECTED, AWAIT, BYTES(flights[0]), AGAIN,
                                          CONNECTED, AWAIT, BYTES(flights[1])};
    script[6].len = make_flight(flights[0], sizeof flights[0], 1);
    script[10].len = make_flight(flights[1], sizeof flights[1], 2);
    play(&net, plan, TC_ARRAY_LEN(plan), script, &g_standard, &target);
    assert_non_null(net.observation->chain);
    assert_int_equal(net.observation->chain->num_presented, expected_num);
    assert_int_equal(net.observation->name_match, TC_YES);
    assert_int_equal(net.observation->num_other_chains, 0);
    fake_net_cleanup(&net);
}

static void the_chain_of_ssl2_gives_way_to_another(void **state)
{
    (void)state;
    static const struct {
        enum tc_survey_chain chains[2];
        bool is_second; /* the row's chain */
    } k_rows[] = {{{TC_SURVEY_CHAIN_SSL2, TC_SURVEY_CHAIN_OWN}, true},
                  {{TC_SURVEY_CHAIN_OWN, TC_SURVEY_CHAIN_SSL2}, false},
                  {{TC_SURVEY_CHAIN_SSL2, TC_SURVEY_CHAIN_SSL2}, false},
                  {{TC_SURVEY_CHAIN_SSL2, TC_SURVEY_CHAIN_NONE}, false}};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_rows); i++) {
        check_chains(k_rows[i].chains, k_rows[i].is_second ? 2 : 1);
    }
}

static void other_chains_have_their_role_once(void **state)
{
    (void)state;
    static const struct {
        enum tc_survey_chain chain;
        enum tc_chain_role role;
    } k_roles[] = {{TC_SURVEY_CHAIN_OTHER_KEY, TC_CHAIN_OTHER_KEY},
                   {TC_SURVEY_CHAIN_NO_SNI, TC_CHAIN_NO_SNI},
                   {TC_SURVEY_CHAIN_UNKNOWN_SNI, TC_CHAIN_UNKNOWN_SNI}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_roles); i++) {
        play_flight(&net, k_roles[i].chain, true, &g_standard, &target);
        assert_int_equal(net.observation->num_other_chains, 1); /* though it came twice */
        assert_int_equal(net.observation->other_chains[0].role, k_roles[i].role);
        assert_non_null(net.observation->other_chains[0].chain);
        assert_int_equal(net.observation->other_chains[0].name_match, TC_YES);
        fake_net_cleanup(&net);
    }
}

static void a_chain_past_the_caps_is_left_out(void **state)
{
    (void)state;
    struct tc_scan_options options = g_standard;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.max_cert_bytes = 100;
    play_flight(&net, TC_SURVEY_CHAIN_OWN, false, &options, &target);
    assert_int_equal(net.observation->outcome, TC_OUTCOME_ALERT);
    assert_null(net.observation->chain);
    fake_net_cleanup(&net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_handshake_gets_its_chain_from_a_probe),
        cmocka_unit_test(the_handshakes_own_chain_stays),
        cmocka_unit_test(the_chain_of_ssl2_gives_way_to_another),
        cmocka_unit_test(other_chains_have_their_role_once),
        cmocka_unit_test(a_chain_past_the_caps_is_left_out),
    };
    return cmocka_run_group_tests_name("survey_chains", tests, survey_scenario_set_up,
                                       survey_scenario_tear_down);
}
