/* Surveys whose questions are hellos: how probes are carried, and how they and the survey end. */
#include "test_support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "survey_scenario.h"

static const uint8_t k_alert_40[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};
/* A ServerHello of TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and nothing behind it. */
static const uint8_t k_server_hello[] = {
    0x16, 0x03, 0x03, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03, 1,    2,    3,    4,   5,
    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,   16,   17,   18,   19,   20,  21,
    22,   23,   24,   25,   26,   27,   28,   29,   30,   31,   32,   0x00, 0xc0, 0x2f, 0x00};
static const char k_http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
static const uint8_t k_close_notify_10[] = {0x15, 0x03, 0x01, 0x00, 0x02, 0x01, 0x00};
static const uint8_t k_close_notify_12[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x01, 0x00};
static const char k_greeting[] = "220 mx.example ESMTP\r\n";
static const uint8_t k_ssl2_error[] = {0x80, 0x03, 0x00, 0x00, 0x01};
static const uint8_t k_ssl2_other[] = {0x80, 0x04, 0x00, 0x00, 0x01, 0x00};
static const char k_offers[] = "250-mx.example\r\n250-STARTTLS\r\n250 HELP\r\n";
static const char k_go[] = "220 go\r\n";
static const char k_too_many[] = "421 too many\r\n";
static const char k_proxy_no[] = "HTTP/1.1 403 Forbidden\r\n\r\n";
static const char k_proxy_yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";

#define ASK                                                                                        \
    {                                                                                              \
        .question = {.kind = TC_QUESTION_HELLO }                                                   \
    }
#define ALERTED CONNECTED, AWAIT, BYTES(k_alert_40)

/* What a row changes of the options: 0 leaves the default. */
struct changes {
    unsigned per_address; /* + 1 */
    unsigned budget;
    unsigned endpoint_timeout_ms;
    unsigned handshake_timeout_ms;
    size_t max_read_bytes;
    enum tc_protocol protocol;
    enum tc_profile profile; /* + 1 */
    bool proxy;
    int64_t turn_us;
    int64_t late_us;
    size_t num_repeats;
    enum tc_status new_fails;
    enum tc_status hello_fails;
    enum tc_status result_fails;
    bool no_probes;
};

#define MAX_ENDS 8
/* A row is read as one, not as ten lines. */
/* clang-format off */
static const struct survey_case {
    const char *name;
    struct fake_question plan[4]; /* up to the first that is all zero but for `unused` */
    size_t num_plan;
    struct fake_step script[24];
    struct changes changes;
    enum tc_outcome outcome;
    unsigned connections;
    int64_t elapsed_ms;
    const char *stopped; /* part of the reason; NULL: the planner came to its own end */
    size_t num_answers;
    enum tc_answer_end ends[MAX_ENDS]; /* of the first answers, by the question's id */
    unsigned most_open;
} survey_cases[] = {
    {"survey: two questions, one at a time", {ASK}, 1, {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}},
     {.per_address = 2, .num_repeats = 2}, TC_OUTCOME_OK, 3, 150 + 60 + 60, NULL, 2, {0}, 1},
    {"survey: two at once, where an address bears two", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}}, {.num_repeats = 4},
     TC_OUTCOME_OK, 5, 150 + 60 + 60, NULL, 4, {0}, 2},
    {"survey: four at once, where an address bears any number", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}}, {.per_address = 1, .num_repeats = 8},
     TC_OUTCOME_OK, 9, 150 + 60 + 60, NULL, 8, {0}, 4},
    {"survey: never more than sixteen", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}}, {.per_address = 1001, .num_repeats = 32},
     TC_OUTCOME_OK, 33, 150 + 60 + 60, NULL, 32, {0}, 16},
    {"survey: mail servers get one at a time", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}},
     {.per_address = 5, .num_repeats = 2, .protocol = TC_PROTOCOL_SMTPS}, TC_OUTCOME_OK, 3,
     150 + 60 + 60, NULL, 2, {0}, 1},
    {"survey: the planner's back-off is kept", {{.question = {.delay_ms = 500}}}, 1,
     {OWN_TLS12, AGAIN, ALERTED}, {0}, TC_OUTCOME_OK, 2, 150 + 500 + 60, NULL, 1, {0}, 1},
    {"survey: a question that waits for the answer of another", {ASK, {.after = 1}}, 2,
     {OWN_TLS12, AGAIN, ALERTED, AGAIN, ALERTED}, {0}, TC_OUTCOME_OK, 3, 150 + 60 + 60, NULL, 2, {0}, 1},
    {"survey: through a proxy", {ASK}, 1,
     {CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(&k_survey_tls12), AGAIN,
      CONNECTED, AWAIT, TEXT(k_proxy_yes), AWAIT, BYTES(k_alert_40)},
     {.proxy = true}, TC_OUTCOME_OK, 2, 160 + 70, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"survey: the proxy refuses it", {ASK}, 1,
     {CONNECTED, AWAIT, TEXT(k_proxy_yes), TLS(&k_survey_tls12), AGAIN, CONNECTED, AWAIT, TEXT(k_proxy_no)},
     {.proxy = true}, TC_OUTCOME_OK, 2, 160 + 60, NULL, 1, {TC_ANSWER_UNREACHED}, 1},

    {"survey: through STARTTLS, each time anew", {ASK}, 1,
     {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(&k_survey_tls12), AGAIN,
      CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), AWAIT, BYTES(k_alert_40)},
     {.protocol = TC_PROTOCOL_SMTP}, TC_OUTCOME_OK, 2, 180 + 90, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"survey: a server that has had enough", {ASK}, 1,
     {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(&k_survey_tls12), AGAIN,
      CONNECTED, TEXT(k_too_many)},
     {.protocol = TC_PROTOCOL_SMTP}, TC_OUTCOME_OK, 2, 180 + 60, NULL, 1, {TC_ANSWER_UNREACHED}, 1},
    {"survey: stopped in the dialogue", {ASK}, 1,
     {CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(&k_survey_tls12), AGAIN,
      CONNECTED, TEXT(k_greeting), AWAIT, STOP},
     {.protocol = TC_PROTOCOL_SMTP}, TC_OUTCOME_INTERRUPTED, 2, 180 + 70, NULL, 1, {TC_ANSWER_LOCAL}, 1},

    {"probe: refused", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECT_FAILS(ECONNREFUSED)}, {0},
     TC_OUTCOME_OK, 2, 150 + 50, NULL, 1, {TC_ANSWER_UNREACHED}, 1},
    {"probe: reset when it was connected", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECT_FAILS(ECONNRESET)}, {0},
     TC_OUTCOME_OK, 2, 150 + 50, NULL, 1, {TC_ANSWER_UNREACHED}, 1},
    {"probe: no answer to its SYN", {ASK}, 1, {OWN_TLS12}, {0},
     TC_OUTCOME_OK, 2, 150 + 5000, NULL, 1, {TC_ANSWER_UNREACHED}, 1},
    {"probe: no descriptor for it", {ASK}, 1, {OWN_TLS12, AGAIN, OPEN_FAILS(EMFILE)}, {0},
     TC_OUTCOME_OK, 2, 150, NULL, 1, {TC_ANSWER_LOCAL}, 1},
    {"probe: no route for it", {ASK}, 1, {OWN_TLS12, AGAIN, OPEN_FAILS(ENETUNREACH)}, {0},
     TC_OUTCOME_OK, 2, 150, NULL, 1, {TC_ANSWER_UNREACHED}, 1},
    {"probe: silence ends after two seconds", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED}, {0},
     TC_OUTCOME_OK, 2, 150 + 50 + 2000, NULL, 1, {TC_ANSWER_SILENCE}, 1},
    {"probe: or after the handshake's limit where that is less", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED}, {.handshake_timeout_ms = 700}, TC_OUTCOME_OK, 2, 150 + 50 + 700,
     NULL, 1, {TC_ANSWER_SILENCE}, 1},
    {"probe: a server that was slow at first gets more", {ASK}, 1,
     {CONNECTED, {.kind = FAKE_TLS, .after_ms = 1000, .tls = &k_survey_tls12}, AGAIN, CONNECTED}, {0},
     TC_OUTCOME_OK, 2, 50 + 2000 + 50 + 6 * 50 + 4 * 1000, NULL, 1, {TC_ANSWER_SILENCE}, 1},
    {"probe: but nobody more than ten seconds", {ASK}, 1,
     {CONNECTED, {.kind = FAKE_TLS, .after_ms = 4000, .tls = &k_survey_tls12}, AGAIN, CONNECTED}, {0},
     TC_OUTCOME_OK, 2, 50 + 8000 + 50 + 10000, NULL, 1, {TC_ANSWER_SILENCE}, 1},
    {"probe: silence inside the flight", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_server_hello)}, {0}, TC_OUTCOME_OK, 2,
     150 + 50 + 2000, NULL, 1, {TC_ANSWER_SILENCE}, 1},
    {"probe: closed without a byte", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED, AWAIT, END}, {0},
     TC_OUTCOME_OK, 2, 150 + 60, NULL, 1, {TC_ANSWER_CLOSED}, 1},
    {"probe: closed inside the flight", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_server_hello), END}, {0}, TC_OUTCOME_OK, 2, 150 + 70,
     NULL, 1, {TC_ANSWER_CLOSED}, 1},
    {"probe: reset", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED, AWAIT, RESET}, {0}, TC_OUTCOME_OK, 2,
     150 + 60, NULL, 1, {TC_ANSWER_RESET}, 1},
    {"probe: an alert, byte by byte", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED, AWAIT, DRIBBLE(k_alert_40)},
     {0}, TC_OUTCOME_OK, 2, 150 + 50 + 10 + 7, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"probe: an alert and a reset behind it", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_alert_40), RESET}, {0}, TC_OUTCOME_OK, 2, 150 + 60,
     NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"probe: no TLS at all", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED, AWAIT, TEXT(k_http)}, {0},
     TC_OUTCOME_OK, 2, 150 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"probe: more bytes than the cap", {ASK}, 1,
     {CONNECTED, AWAIT, BYTES(k_alert_40), AGAIN, CONNECTED, AWAIT, BYTES(k_server_hello),
      BYTES(k_server_hello)}, {.max_read_bytes = 60}, TC_OUTCOME_ALERT, 2, 60 + 70, NULL, 1,
     {TC_ANSWER_COMPLETE}, 1},
    {"probe: its hello cannot be written", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED},
     {.hello_fails = TC_ERR_LIMIT}, TC_OUTCOME_OK, 2, 150 + 50, NULL, 1, {TC_ANSWER_LOCAL}, 1},
    {"probe: no memory for it", {ASK}, 1, {OWN_TLS12}, {.no_probes = true}, TC_OUTCOME_OK, 1, 150,
     "memory", 1, {TC_ANSWER_LOCAL}, 1},
    {"probe: answered in time, looked at late", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, {.kind = FAKE_BYTES, .after_ms = 1950, .bytes = k_alert_40,
      .len = sizeof k_alert_40}}, {.late_us = 300000}, TC_OUTCOME_OK, 2,
     50 + 2 * 50 + 3 * 300 + 50 + 300 + 1950 + 300, NULL, 1, {TC_ANSWER_COMPLETE}, 1},

    {"split: two segments, a tenth of a second apart", {{.split = 5}}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, AWAIT, BYTES(k_alert_40)}, {0}, TC_OUTCOME_OK, 2,
     150 + 50 + 100 + 10, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"split: answered in the pause", {{.split = 5}}, 1, {OWN_TLS12, AGAIN, ALERTED}, {0},
     TC_OUTCOME_OK, 2, 150 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"split: closed in the pause", {{.split = 5}}, 1, {OWN_TLS12, AGAIN, CONNECTED, AWAIT, END}, {0},
     TC_OUTCOME_OK, 2, 150 + 60, NULL, 1, {TC_ANSWER_CLOSED}, 1},
    {"split: silence counts from the second segment", {{.split = 5}}, 1, {OWN_TLS12, AGAIN, CONNECTED},
     {0}, TC_OUTCOME_OK, 2, 150 + 50 + 100 + 2000, NULL, 1, {TC_ANSWER_SILENCE}, 1},

    {"stop: while a probe waits for its answer", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, STOP}, {0}, TC_OUTCOME_INTERRUPTED, 2, 150 + 60, NULL, 1,
     {TC_ANSWER_LOCAL}, 1},
    {"stop: while two do, one of them in its SYN", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, STOP}, {.num_repeats = 2}, TC_OUTCOME_INTERRUPTED, 3,
     150 + 60, NULL, 2, {TC_ANSWER_LOCAL, TC_ANSWER_LOCAL}, 2},
    {"stop: while a probe waits for its back-off", {ASK, {.question = {.delay_ms = 5000}}}, 2,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, STOP}, {0}, TC_OUTCOME_INTERRUPTED, 2, 150 + 60, NULL, 2,
     {TC_ANSWER_LOCAL, TC_ANSWER_LOCAL}, 1},
    {"stop: between the segments of a hello", {{.split = 5}}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, STOP}, {0}, TC_OUTCOME_INTERRUPTED, 2, 150 + 60, NULL, 1,
     {TC_ANSWER_LOCAL}, 1},
    {"stop: before the survey there is none", {ASK}, 1, {CONNECTED, AWAIT, STOP}, {0},
     TC_OUTCOME_INTERRUPTED, 1, 60, NULL, 0, {0}, 1},

    {"time: the endpoint's is over in mid-survey", {ASK}, 1, {OWN_TLS12, AGAIN, CONNECTED},
     {.endpoint_timeout_ms = 1000}, TC_OUTCOME_OK, 2, 1000, "time", 1, {TC_ANSWER_LOCAL}, 1},
    {"time: and what waits is not begun any more", {ASK, {.question = {.delay_ms = 5000}}}, 2,
     {OWN_TLS12, AGAIN, CONNECTED}, {.endpoint_timeout_ms = 1000}, TC_OUTCOME_OK, 2, 1000, "time", 2,
     {TC_ANSWER_LOCAL, TC_ANSWER_LOCAL}, 1},
    {"time: what was asked before is kept", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, AGAIN, CONNECTED},
     {.endpoint_timeout_ms = 1000, .per_address = 2, .num_repeats = 3}, TC_OUTCOME_OK, 3, 1000, "time",
     2, {TC_ANSWER_COMPLETE, TC_ANSWER_LOCAL}, 1},
    {"time: waits for a turn are not counted", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}},
     {.endpoint_timeout_ms = 1000, .num_repeats = 8, .per_address = 2, .turn_us = 900000},
     TC_OUTCOME_OK, 9, 150 + 8 * 960, NULL, 8, {0}, 1},
    {"time: nor the planner's back-off", {{.question = {.delay_ms = 2000}}}, 1,
     {OWN_TLS12, AGAIN, ALERTED}, {.endpoint_timeout_ms = 1000}, TC_OUTCOME_OK, 2, 150 + 2060, NULL, 1,
     {TC_ANSWER_COMPLETE}, 1},
    {"time: probes at once share it", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, {.kind = FAKE_REPEAT}},
     {.endpoint_timeout_ms = 1000, .num_repeats = 2}, TC_OUTCOME_OK, 3, 1000, "time", 2,
     {TC_ANSWER_LOCAL, TC_ANSWER_LOCAL}, 2},
    {"time: an answer that came before the end is looked at after it", {ASK}, 1,
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, {.kind = FAKE_BYTES, .after_ms = 1000, .bytes = k_alert_40,
      .len = sizeof k_alert_40}}, {.late_us = 300000, .endpoint_timeout_ms = 2500}, TC_OUTCOME_OK, 2,
     1050 + 50 + 300 + 1000 + 300, NULL, 1, {TC_ANSWER_COMPLETE}, 1},

    {"budget: the first handshake is part of it", {ASK}, 1,
     {OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}}, {.budget = 3, .num_repeats = 10},
     TC_OUTCOME_OK, 3, 150 + 60, NULL, 2, {0}, 2},
    {"budget: one connection leaves no question", {ASK}, 1, {OWN_TLS12}, {.budget = 1},
     TC_OUTCOME_OK, 1, 150, NULL, 0, {0}, 1},
    {"budget: so is a retry of it", {ASK}, 1,
     {CONNECTED, AWAIT, END, AGAIN, OWN_TLS12, AGAIN, ALERTED, {.kind = FAKE_REPEAT}},
     {.budget = 3, .num_repeats = 10}, TC_OUTCOME_OK, 3, 60 + 250 + 150 + 60, NULL, 1, {0}, 1},

    {"who: an alert is worth a survey", {ASK}, 1, {ALERTED, {.kind = FAKE_REPEAT}}, {0},
     TC_OUTCOME_ALERT, 2, 60 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"who: so is hanging up", {ASK}, 1, {CONNECTED, AWAIT, BYTES(k_server_hello), END, AGAIN, ALERTED},
     {0}, TC_OUTCOME_CLOSED, 2, 70 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"who: and a reset, after its retry", {ASK}, 1,
     {CONNECTED, AWAIT, RESET, AGAIN, CONNECTED, AWAIT, RESET, AGAIN, ALERTED}, {0}, TC_OUTCOME_RESET,
     3, 60 + 250 + 60 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"who: and silence", {ASK}, 1, {CONNECTED, AGAIN, CONNECTED, AGAIN, ALERTED}, {0},
     TC_OUTCOME_HANDSHAKE_TIMEOUT, 3, 10050 + 250 + 10050 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"who: a closed port is not asked on", {ASK}, 1, {CONNECT_FAILS(ECONNREFUSED)}, {0},
     TC_OUTCOME_REFUSED, 1, 50, NULL, 0, {0}, 1},
    {"who: nor another protocol", {ASK}, 1, {CONNECTED, AWAIT, TEXT(k_http)}, {0},
     TC_OUTCOME_NOT_TLS, 1, 60, NULL, 0, {0}, 1},
    {"who: but an error of SSL 2.0 is", {ASK}, 1, {CONNECTED, AWAIT, BYTES(k_ssl2_error), AGAIN, ALERTED},
     {0}, TC_OUTCOME_NOT_TLS, 2, 60 + 60, NULL, 1, {TC_ANSWER_COMPLETE}, 1},
    {"who: not the beginning of one", {ASK}, 1,
     {CONNECTED, AWAIT, {.kind = FAKE_BYTES, .after_ms = 10, .bytes = k_ssl2_error, .len = 4}, END}, {0},
     TC_OUTCOME_NOT_TLS, 1, 60, NULL, 0, {0}, 1},
    {"who: nor a record that is longer than an error", {ASK}, 1,
     {CONNECTED, AWAIT, BYTES(k_ssl2_other)}, {0}, TC_OUTCOME_NOT_TLS, 1, 60, NULL, 0, {0}, 1},
    {"who: nor anybody in profile quick", {ASK}, 1, {OWN_TLS12}, {.profile = 1 + TC_PROFILE_QUICK},
     TC_OUTCOME_OK, 1, 150, NULL, 0, {0}, 1},
    {"own trouble: no memory for a survey", {ASK}, 1, {OWN_TLS12}, {.new_fails = TC_ERR_NOMEM},
     TC_OUTCOME_LOCAL_ERROR, 1, 150, NULL, 0, {0}, 1},
    {"own trouble: no memory for its result", {ASK}, 1, {OWN_TLS12, AGAIN, ALERTED},
     {.result_fails = TC_ERR_NOMEM}, TC_OUTCOME_LOCAL_ERROR, 2, 150 + 60, NULL, 1,
     {TC_ANSWER_COMPLETE}, 1},
};
/* clang-format on */

static struct tc_scan_options options_of(const struct changes *changes)
{
    struct tc_scan_options options = g_standard;
    if (changes->per_address > 0) {
        options.per_address = changes->per_address - 1;
    }
    if (changes->profile > 0) {
        options.profile = changes->profile - 1;
    }
    if (changes->budget > 0) {
        options.connections_per_endpoint = changes->budget;
    }
    if (changes->endpoint_timeout_ms > 0) {
        options.endpoint_timeout_ms = changes->endpoint_timeout_ms;
    }
    if (changes->handshake_timeout_ms > 0) {
        options.handshake_timeout_ms = changes->handshake_timeout_ms;
    }
    if (changes->max_read_bytes > 0) {
        options.max_read_bytes = changes->max_read_bytes;
    }
    options.proxy = changes->proxy ? &k_scenario_proxy : NULL;
    return options;
}

/* Plays a script against a plan; the caller looks at the net and cleans up. */
static void play(struct fake_net *net, const struct survey_case *row,
                 const struct tc_scan_options *options, struct tc_target *target)
{
    fake_planner_reset(row->plan, row->num_plan);
    g_planner.num_repeats = row->changes.num_repeats;
    g_planner.new_fails = row->changes.new_fails;
    g_planner.hello_fails = row->changes.hello_fails;
    g_planner.result_fails = row->changes.result_fails;
    target->protocol = row->changes.protocol;
    fake_net_init(net, row->script, options, g_standard_tls, target);
    net->turn_us = row->changes.turn_us;
    net->late_us = row->changes.late_us;
    net->no_probes = row->changes.no_probes;
    assert_true(fake_net_play(net));
    assert_non_null(net->observation);
    assert_int_equal(g_planner.num_alive, 0);
}

static void check_features(const struct survey_case *row, const struct tc_observation *got)
{
    bool has_survey = g_planner.options.parallel > 0 && row->outcome != TC_OUTCOME_LOCAL_ERROR &&
                      row->outcome != TC_OUTCOME_INTERRUPTED;
    enum tc_tristate complete =
        tc_features_get(&got->features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
    assert_int_equal(complete, !has_survey                 ? TC_UNKNOWN
                               : g_planner.stopped == NULL ? TC_YES
                                                           : TC_NO);
}

static void check_survey(void **state)
{
    const struct survey_case *row = *state;
    struct tc_scan_options options = options_of(&row->changes);
    struct tc_target target = scenario_target();
    struct fake_net net;
    play(&net, row, &options, &target);
    const struct tc_observation *got = net.observation;
    assert_string_equal(tc_outcome_str(got->outcome), tc_outcome_str(row->outcome));
    assert_int_equal(g_planner.num_answers, row->num_answers);
    for (uint32_t id = 1; id <= row->num_answers && id <= MAX_ENDS; id++) {
        assert_int_equal(fake_planner_answer(id)->end, row->ends[id - 1]);
    }
    assert_int_equal(got->connections, row->connections);
    assert_int_equal(net.most_open, row->most_open);
    assert_int_equal(fake_net_elapsed_ms(&net), row->elapsed_ms);
    assert_int_equal(g_planner.stopped != NULL, row->stopped != NULL);
    if (row->stopped != NULL) {
        assert_non_null(strstr(g_planner.stopped, row->stopped));
    }
    check_features(row, got);
    assert_true(fake_net_is_clean(&net));
    fake_net_cleanup(&net);
}

/* ---- what else a row does not tell ---- */

static void the_planner_knows_whom_it_asks(void **state)
{
    (void)state;
    static const struct survey_case k_row = {
        .plan = {ASK}, .num_plan = 1, .script = {OWN_TLS12, AGAIN, ALERTED}};
    struct tc_scan_options options = g_standard;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.profile = TC_PROFILE_DEEP;
    options.intrusive = TC_INTRUSIVE_CCS;
    options.connections_per_endpoint = 150;
    play(&net, &k_row, &options, &target);
    assert_int_equal(g_planner.options.depth, TC_SURVEY_DEEP);
    assert_int_equal(g_planner.options.intrusive, TC_INTRUSIVE_CCS);
    assert_int_equal(g_planner.options.max_connections, TC_SURVEY_DEEP_CONNECTIONS);
    assert_int_equal(g_planner.options.parallel, 2);
    assert_int_equal(g_planner.options.protocol, TC_PROTOCOL_HTTPS);
    assert_string_equal(g_planner.server_name, "host.example");
    assert_string_equal(g_planner.options.host, "host.example");
    assert_true(g_planner.options.handshake.is_done);
    assert_int_equal(g_planner.options.handshake.version, 0x0303);
    fake_net_cleanup(&net);
}

static void addresses_are_no_server_names(void **state)
{
    (void)state;
    static char k_literal[] = "192.0.2.1";
    static const struct survey_case k_row = {
        .plan = {ASK}, .num_plan = 1, .script = {OWN_TLS12, AGAIN, ALERTED}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    target.host = k_literal;
    target.is_address = true;
    play(&net, &k_row, &g_standard, &target);
    assert_null(g_planner.options.server_name);
    fake_net_cleanup(&net);
}

static void bytes_of_probes_are_counted(void **state)
{
    (void)state;
    static const struct survey_case k_row = {
        .plan = {ASK, ASK},
        .num_plan = 2,
        .script = {CONNECTED, AWAIT, BYTES(k_alert_40), AGAIN, CONNECTED, AWAIT,
                   BYTES(k_server_hello), BYTES(k_alert_40), AGAIN, CONNECT_FAILS(ECONNREFUSED)}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    play(&net, &k_row, &g_standard, &target);
    assert_int_equal(net.observation->read_bytes, 2 * sizeof k_alert_40 + sizeof k_server_hello);
    fake_net_cleanup(&net);
}

static void a_split_hello_is_two_segments(void **state)
{
    (void)state;
    static const struct survey_case k_row = {
        .plan = {{.split = 5}},
        .num_plan = 1,
        .script = {OWN_TLS12, AGAIN, CONNECTED, AWAIT, AWAIT, BYTES(k_alert_40)}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    play(&net, &k_row, &g_standard, &target);
    const struct fake_peer *peer = net.peers[1];
    assert_int_equal(peer->num_writes, 2);
    assert_int_equal(peer->wrote_us - peer->opened_us, 150000);
    assert_int_equal(peer->num_written, strlen(k_fake_hello));
    assert_memory_equal(peer->written, k_fake_hello, strlen(k_fake_hello));
    fake_net_cleanup(&net);
}

static bool ends_with(const struct fake_peer *peer, const uint8_t *bytes, size_t len)
{
    return peer->num_written >= len &&
           memcmp(peer->written + peer->num_written - len, bytes, len) == 0;
}

static void farewells(void **state)
{
    (void)state;
    static const uint8_t k_hello_done[] = {0x16, 0x03, 0x03, 0x00, 0x04, 0x0e, 0x00, 0x00, 0x00};
    static const struct survey_case k_row = {.plan = {ASK},
                                             .num_plan = 1,
                                             .script = {OWN_TLS12, AGAIN, CONNECTED, AWAIT,
                                                        BYTES(k_server_hello), BYTES(k_hello_done),
                                                        AGAIN, CONNECTED, AGAIN, ALERTED},
                                             .changes = {.num_repeats = 3}};
    struct tc_scan_options options = g_standard;
    struct tc_target target = scenario_target();
    struct fake_net net;
    options.per_address = 1;
    play(&net, &k_row, &options, &target);
    /* Whoever waits for our next message hears that none comes; an alert of theirs needs no answer.
     */
    assert_true(ends_with(net.peers[1], k_close_notify_12, sizeof k_close_notify_12));
    assert_true(ends_with(net.peers[2], k_close_notify_10, sizeof k_close_notify_10));
    assert_int_equal(net.peers[3]->num_written, strlen(k_fake_hello));
    for (size_t i = 0; i < net.num_peers; i++) {
        assert_true(net.peers[i]->has_fin);
    }
    fake_net_cleanup(&net);
}

enum { NUM_OTHERS = 5 };

int main(void)
{
    const struct CMUnitTest others[NUM_OTHERS] = {
        cmocka_unit_test(the_planner_knows_whom_it_asks),
        cmocka_unit_test(addresses_are_no_server_names),
        cmocka_unit_test(bytes_of_probes_are_counted),
        cmocka_unit_test(a_split_hello_is_two_segments),
        cmocka_unit_test(farewells),
    };
    struct CMUnitTest tests[TC_ARRAY_LEN(survey_cases) + NUM_OTHERS] = {0};
    for (size_t i = 0; i < TC_ARRAY_LEN(survey_cases); i++) {
        tests[i].name = survey_cases[i].name;
        tests[i].test_func = check_survey;
        tests[i].initial_state = (void *)(uintptr_t)&survey_cases[i];
    }
    memcpy(tests + TC_ARRAY_LEN(survey_cases), others, sizeof others);
    return cmocka_run_group_tests_name("survey_run", tests, survey_scenario_set_up,
                                       survey_scenario_tear_down);
}
