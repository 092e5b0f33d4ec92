/* Surveys whose questions are real handshakes: what is wished for is said, and what comes is heard.
 */
#include "test_support.h"

#include <errno.h>
#include <string.h>

#include "survey_scenario.h"

static const uint8_t k_alert_40[] = {0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};
static const uint8_t k_server_hello[] = {
    0x16, 0x03, 0x03, 0x00, 0x2a, 0x02, 0x00, 0x00, 0x26, 0x03, 0x03, 1,    2,    3,    4,   5,
    6,    7,    8,    9,    10,   11,   12,   13,   14,   15,   16,   17,   18,   19,   20,  21,
    22,   23,   24,   25,   26,   27,   28,   29,   30,   31,   32,   0x00, 0xc0, 0x2f, 0x00};
static const char k_http[] = "HTTP/1.1 400 Bad Request\r\n\r\n";

static const struct tls_peer_options k_tls13 = {.max_version = TLS1_3_VERSION};
static const struct tls_peer_options k_greets = {.greets = true};
static const struct tls_peer_options k_no_tickets = {.has_no_tickets = true,
                                                     .answers_goodbye = true};
static const struct tls_peer_options k_late = {.answers_goodbye = true};
static const struct tls_peer_options k_asks_late = {.asks_certificate = true,
                                                    .answers_goodbye = true};
static const struct tls_peer_options k_needs = {.needs_certificate = true};
static const struct tls_peer_options k_needs_12 = {.needs_certificate = true,
                                                   .max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_asks_12 = {.asks_certificate = true,
                                                  .max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_alpn = {.negotiates_alpn = true,
                                               .max_version = TLS1_2_VERSION};
static const struct tls_peer_options k_alpn_13 = {.negotiates_alpn = true};
static const struct tls_peer_options k_ech = {.has_ech = true};
static const struct tls_peer_options k_compresses = {.compresses = true};
static const struct tls_peer_options k_only_13 = {.min_version = TLS1_3_VERSION};
static const struct tls_peer_options k_plain_12 = {.max_version = TLS1_2_VERSION};

/* Records as they look from outside, once keys are agreed on. */
static const uint8_t k_sealed_handshake[] = {0x16, 0x03, 0x03, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8};
static const uint8_t k_sealed_greeting[] = {0x17, 0x03, 0x03, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8};

#define WISH(...)                                                                                  \
    {                                                                                              \
        .question = {.kind = TC_QUESTION_HANDSHAKE, .wish = {__VA_ARGS__} }                        \
    }

/* What of an answer's facts a row looks at. */
enum look {
    LOOK_NOTHING = 0,
    LOOK_VERSION,
    LOOK_ALERT,
    LOOK_ALPN, /* whether h2 was chosen */
    LOOK_NO_ALPN_OFFER,
    LOOK_REQUEST, /* client_certificate_request, as a tristate */
    LOOK_EMS,
    LOOK_LEAF,
    LOOK_COMPRESSION,
    LOOK_ECH,
    LOOK_RENEGOTIATION,
    LOOK_TICKET,
    LOOK_AWAITED,
    LOOK_SCHEME
};

/* clang-format off */
static const struct wish_case {
    const char *name;
    struct fake_question plan; /* of one question */
    struct fake_step script[12];
    enum tc_answer_end end;
    bool is_done;
    enum look look;
    int expected;
    int64_t elapsed_ms; /* of the probe */
} wish_cases[] = {
    {"wish: none at all", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)},
     TC_ANSWER_COMPLETE, true, LOOK_VERSION, 0x0304, 100},
    {"wish: TLS 1.2 at most", WISH(.max_version = 0x0303), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)},
     TC_ANSWER_COMPLETE, true, LOOK_VERSION, 0x0303, 150},
    {"wish: TLS 1.3 at least, of a server that has none", WISH(.min_version = 0x0304),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_survey_tls12)}, TC_ANSWER_COMPLETE, false, LOOK_ALERT, 70, 100},
    {"wish: a version that the library does not speak", WISH(.max_version = 0x0300),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_LOCAL, false, LOOK_VERSION, 0, 50},
    {"wish: signatures that the certificate can make", WISH(.schemes = {0x0403}, .num_schemes = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_SCHEME, 0x0403, 100},
    {"wish: and some that it cannot", WISH(.schemes = {0x0804, 0x0401}, .num_schemes = 2),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, false, LOOK_ALERT, 40, 100},
    {"wish: the leaf's key is told", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)},
     TC_ANSWER_COMPLETE, true, LOOK_LEAF, TC_LEAF_ECDSA, 100},
    {"alpn: a protocol that the server has", WISH(.alpn = {"foo", "h2"}, .num_alpn = 2),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_alpn)}, TC_ANSWER_COMPLETE, true, LOOK_ALPN, 1, 150},
    {"alpn: the same in TLS 1.3", WISH(.alpn = {"h2"}, .num_alpn = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_alpn_13)}, TC_ANSWER_COMPLETE, true, LOOK_ALPN, 1, 100},
    {"alpn: one that it does not know", WISH(.alpn = {"foo"}, .num_alpn = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_alpn)}, TC_ANSWER_COMPLETE, true, LOOK_ALPN, 0, 150},
    {"alpn: an empty name is our mistake", WISH(.alpn = {""}, .num_alpn = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_alpn)}, TC_ANSWER_LOCAL, false, LOOK_NOTHING, 0, 50},
    {"certificates: asked for, and not needed", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_asks_12)}, TC_ANSWER_COMPLETE, true, LOOK_REQUEST, TC_YES, 150},
    {"certificates: needed, in TLS 1.2", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_needs_12)}, TC_ANSWER_COMPLETE, false, LOOK_REQUEST, TC_YES, 150},
    {"certificates: needed, in TLS 1.3", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_needs)}, TC_ANSWER_COMPLETE, true, LOOK_ALERT, 116, 150},
    {"certificates: not asked for", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_REQUEST, TC_NO, 100},
    {"certificates: unknown where the handshake failed before", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_alert_40)}, TC_ANSWER_COMPLETE, false, LOOK_REQUEST,
     TC_UNKNOWN, 60},
    {"secret: extended, in TLS 1.2", WISH(.max_version = 0x0303),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_EMS, TC_YES, 150},
    {"secret: no such question in TLS 1.3", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_EMS, TC_UNKNOWN, 100},
    {"compression: the algorithm is told, and the handshake given up",
     WISH(.offers_certificate_compression = true), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_compresses)},
     TC_ANSWER_BROKEN, false, LOOK_COMPRESSION, 2, 100},
    {"compression: a server that has none", WISH(.offers_certificate_compression = true),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_COMPRESSION, 0, 100},
    {"compression: not used where it was not offered", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_compresses)}, TC_ANSWER_COMPLETE, true, LOOK_COMPRESSION, 0, 100},
    {"compression: comes without ALPN", WISH(.offers_certificate_compression = true),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_NO_ALPN_OFFER, 1, 100},
    {"ech: a server with keys answers GREASE", WISH(.offers_ech = true),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_ech)}, TC_ANSWER_COMPLETE, true, LOOK_ECH, 1, 100},
    {"ech: one without does not", WISH(.offers_ech = true), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)},
     TC_ANSWER_COMPLETE, true, LOOK_ECH, 0, 100},
    {"ech: nor one that was not asked", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_ech)},
     TC_ANSWER_COMPLETE, true, LOOK_ECH, 0, 100},
    {"tickets: part of TLS 1.2", WISH(.max_version = 0x0303),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_TICKET, 1, 150},
    {"tickets: none where none are wanted", WISH(.max_version = 0x0303, .without_tickets = true),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_TICKET, 0, 150},
    {"tickets: waited for in TLS 1.3", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_greets)}, TC_ANSWER_COMPLETE, true, LOOK_TICKET, 1, 150},
    {"tickets: but not for ever, and silence is no answer", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13)}, TC_ANSWER_COMPLETE, true, LOOK_AWAITED, 0,
     100 + 50 + 300 + 1000},
    {"tickets: there are none where a server says goodbye without them",
     WISH(.keeps_session = true, .session = 1), {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_no_tickets)},
     TC_ANSWER_COMPLETE, true, LOOK_AWAITED, 1, 100 + 50 + 300 + 50},
    {"tickets: nor where its stream ends after our goodbye", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS_ONE_FLIGHT(&k_tls13), AWAIT, AWAIT, END}, TC_ANSWER_COMPLETE,
     true, LOOK_AWAITED, 1, 100 + 50 + 300 + 10},
    {"tickets: a reset then leaves it open", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS_ONE_FLIGHT(&k_tls13), AWAIT, AWAIT, RESET}, TC_ANSWER_COMPLETE,
     true, LOOK_AWAITED, 0, 100 + 50 + 300 + 10},
    {"tickets: so does garbage", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS_ONE_FLIGHT(&k_tls13), AWAIT, AWAIT, BYTES(k_sealed_greeting), END},
     TC_ANSWER_COMPLETE, true, LOOK_AWAITED, 0, 100 + 50 + 300 + 10},
    {"tickets: late ones are heard", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_late)}, TC_ANSWER_COMPLETE, true, LOOK_TICKET, 1,
     100 + 50 + 300 + 50},
    {"tickets: also where a certificate was asked for", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_asks_late)}, TC_ANSWER_COMPLETE, true, LOOK_TICKET, 1,
     100 + 3 * 50 + 250 + 50},
    {"tickets: who refuses us may give some to others", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_needs)}, TC_ANSWER_COMPLETE, true, LOOK_AWAITED, 0, 150},
    {"tickets: not waited for where nobody wants them", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_greets)}, TC_ANSWER_COMPLETE, true, LOOK_AWAITED, 0, 100},
    {"tickets: a server that hangs up of its own accord may have been cut off",
     WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS_ONE_FLIGHT(&k_tls13), END}, TC_ANSWER_COMPLETE, true,
     LOOK_AWAITED, 0, 110},
    {"renegotiation: refused with an alert", WISH(.renegotiates = true),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_plain_12)}, TC_ANSWER_COMPLETE, true, LOOK_RENEGOTIATION, 21,
     200},
    {"renegotiation: taken up", WISH(.renegotiates = true),
     {OWN_TLS12, AGAIN, CONNECTED, {.kind = FAKE_TLS, .after_ms = 50, .tls = &k_plain_12,
      .answers = 2}, BYTES(k_sealed_handshake)}, TC_ANSWER_COMPLETE, true, LOOK_RENEGOTIATION, 22, 160},
    {"renegotiation: the same behind a greeting, byte by byte", WISH(.renegotiates = true),
     {OWN_TLS12, AGAIN, CONNECTED, {.kind = FAKE_TLS, .after_ms = 50, .tls = &k_plain_12,
      .answers = 2}, DRIBBLE(k_sealed_greeting), DRIBBLE(k_sealed_handshake)}, TC_ANSWER_COMPLETE, true,
     LOOK_RENEGOTIATION, 22, 150 + 10 + sizeof k_sealed_greeting + 5},
    {"renegotiation: not asked of who has TLS 1.3 alone", WISH(.renegotiates = true),
     {OWN_TLS12, AGAIN, CONNECTED, TLS(&k_only_13)}, TC_ANSWER_COMPLETE, false, LOOK_RENEGOTIATION, 0, 100},
    {"renegotiation: hanging up is no answer", WISH(.renegotiates = true),
     {OWN_TLS12, AGAIN, CONNECTED, {.kind = FAKE_TLS, .after_ms = 50, .tls = &k_plain_12,
      .answers = 2}, END}, TC_ANSWER_COMPLETE, true, LOOK_RENEGOTIATION, 0, 160},
    {"renegotiation: nor is silence", WISH(.renegotiates = true),
     {OWN_TLS12, AGAIN, CONNECTED, {.kind = FAKE_TLS, .after_ms = 50, .tls = &k_plain_12,
      .answers = 2}}, TC_ANSWER_COMPLETE, true, LOOK_RENEGOTIATION, 0, 150 + 2000},

    {"end: refused", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECT_FAILS(ECONNREFUSED)},
     TC_ANSWER_UNREACHED, false, LOOK_VERSION, 0, 50},
    {"end: silence", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED}, TC_ANSWER_SILENCE, false,
     LOOK_VERSION, 0, 2050},
    {"end: closed without a byte", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, AWAIT, END},
     TC_ANSWER_CLOSED, false, LOOK_VERSION, 0, 60},
    {"end: closed after the ServerHello", WISH(.min_version = 0),
     {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_server_hello), END}, TC_ANSWER_CLOSED, false,
     LOOK_VERSION, 0x0303, 70},
    {"end: reset", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, AWAIT, RESET}, TC_ANSWER_RESET,
     false, LOOK_VERSION, 0, 60},
    {"end: another protocol", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, AWAIT, TEXT(k_http)},
     TC_ANSWER_BROKEN, false, LOOK_VERSION, 0, 60},
    {"end: an alert", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, AWAIT, BYTES(k_alert_40)},
     TC_ANSWER_COMPLETE, false, LOOK_ALERT, 40, 60},
    {"end: stopped", WISH(.min_version = 0), {OWN_TLS12, AGAIN, CONNECTED, AWAIT, STOP}, TC_ANSWER_LOCAL,
     false, LOOK_VERSION, 0, 60},
    {"end: stopped while tickets are waited for", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS_ONE_FLIGHT(&k_tls13), STOP}, TC_ANSWER_LOCAL, true,
     LOOK_NOTHING, 0, 110},
    {"end: stopped behind our goodbye", WISH(.keeps_session = true, .session = 1),
     {OWN_TLS12, AGAIN, CONNECTED, TLS_ONE_FLIGHT(&k_tls13), AWAIT, AWAIT, STOP}, TC_ANSWER_LOCAL, true,
     LOOK_AWAITED, 0, 100 + 50 + 300 + 10},
};
/* clang-format on */

static int look_at(const struct tc_handshake_facts *facts, enum look look)
{
    switch (look) {
    case LOOK_VERSION:
        return facts->version;
    case LOOK_ALERT:
        return facts->alert;
    case LOOK_ALPN:
        assert_true(facts->offered_alpn);
        return strcmp(facts->alpn, "h2") == 0;
    case LOOK_NO_ALPN_OFFER:
        return !facts->offered_alpn;
    case LOOK_REQUEST:
        return facts->client_certificate_request;
    case LOOK_EMS:
        return facts->extended_master_secret;
    case LOOK_LEAF:
        return facts->leaf_key;
    case LOOK_COMPRESSION:
        return facts->certificate_compression;
    case LOOK_ECH:
        return facts->ech_retry_configs;
    case LOOK_RENEGOTIATION:
        return facts->renegotiation_reply;
    case LOOK_TICKET:
        return facts->ticket_seen;
    case LOOK_AWAITED:
        return facts->tickets_awaited;
    case LOOK_SCHEME:
        return facts->signature_scheme;
    case LOOK_NOTHING:
    default:
        return 0;
    }
}

static void play(struct fake_net *net, const struct fake_step *script,
                 const struct fake_question *plan, size_t num_plan, struct tc_target *target)
{
    fake_planner_reset(plan, num_plan);
    fake_net_init(net, script, &g_standard, g_standard_tls, target);
    assert_true(fake_net_play(net));
    assert_non_null(net->observation);
    assert_int_equal(g_planner.num_answers, num_plan);
    assert_true(fake_net_is_clean(net));
}

static void check_row(const struct wish_case *row, bool prepares)
{
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_planner_reset(&row->plan, 1);
    fake_net_init(&net, row->script, &g_standard, g_standard_tls, &target);
    net.prepares = prepares;
    assert_true(fake_net_play(&net));
    const struct fake_answer *answer = fake_planner_answer(1);
    assert_int_equal(answer->end, row->end);
    assert_int_equal(answer->facts.is_done, row->is_done);
    assert_int_equal(look_at(&answer->facts, row->look), row->expected);
    assert_int_equal(fake_net_elapsed_ms(&net), 150 + row->elapsed_ms);
    assert_int_equal(net.observation->connections, 2);
    assert_true(fake_net_is_clean(&net));
    fake_net_cleanup(&net);
}

static void check_wish(void **state)
{
    check_row(*state, false);
    check_row(*state, true);
}

/* ---- names ---- */

static void the_name_is_wished_for(void **state)
{
    (void)state;
    static const struct fake_question k_plan[] = {
        WISH(.name = TC_NAME_OWN), WISH(.name = TC_NAME_NONE), WISH(.name = TC_NAME_UNKNOWN)};
    static const struct fake_step k_script[] = {
        OWN_TLS12, AGAIN, CONNECTED, TLS(&k_tls13), {.kind = FAKE_REPEAT}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_planner_reset(k_plan, TC_ARRAY_LEN(k_plan));
    fake_net_init(&net, k_script, &g_standard, g_standard_tls, &target);
    net.random = 0xabcdef01;
    assert_true(fake_net_play(&net));
    static const char *const k_texts[] = {"host.example", "invalid.abcdef01abcdef01.test"};
    static const bool k_said[3][2] = {{true, false}, {false, false}, {false, true}};
    for (size_t i = 0; i < TC_ARRAY_LEN(k_said); i++) {
        for (size_t j = 0; j < TC_ARRAY_LEN(k_texts); j++) {
            assert_int_equal(fake_peer_has_bytes(net.peers[1 + i], k_texts[j], strlen(k_texts[j])),
                             k_said[i][j]);
        }
    }
    fake_net_cleanup(&net);
}

/* ---- sessions ---- */

/* Plays two handshakes with a server that remembers: the second resumes what the first left. */
static void play_twice(struct fake_net *net, const struct tls_peer_options *options,
                       const struct fake_question *plan, struct tc_target *target)
{
    static struct tls_peer_options peer;
    static struct fake_step script[] = {
        OWN_TLS12, AGAIN, CONNECTED, TLS(&peer), {.kind = FAKE_REPEAT}};
    peer = *options;
    peer.context = tls_peer_context(options);
    play(net, script, plan, 2, target);
    SSL_CTX_free(peer.context);
}

static const struct session_case {
    const char *name;
    struct tls_peer_options peer;
    struct fake_question plan[2];
    bool is_resumed;
    bool early_data_accepted;
    bool ticket_seen; /* in the first */
} session_cases[] = {
    {"session: a ticket of TLS 1.2",
     {.max_version = TLS1_2_VERSION},
     {WISH(.keeps_session = true, .session = 1),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE, .wish = {.resumes = true, .session = 1}}}},
     true,
     false,
     true},
    {"session: an id of TLS 1.2",
     {.max_version = TLS1_2_VERSION},
     {WISH(.keeps_session = true, .session = 2, .without_tickets = true),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE,
                    .wish = {.resumes = true, .session = 2, .without_tickets = true}}}},
     true,
     false,
     false},
    {"session: a ticket of TLS 1.3",
     {.greets = true},
     {WISH(.keeps_session = true, .session = 1),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE, .wish = {.resumes = true, .session = 1}}}},
     true,
     false,
     true},
    {"session: a ticket that came behind our goodbye",
     {.answers_goodbye = true},
     {WISH(.keeps_session = true, .session = 1),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE, .wish = {.resumes = true, .session = 1}}}},
     true,
     false,
     true},
    {"session: early data, accepted",
     {.greets = true, .takes_early_data = true},
     {WISH(.keeps_session = true, .session = 1),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE,
                    .wish = {.resumes = true, .session = 1, .offers_early_data = true}}}},
     true,
     true,
     true},
    {"session: early data, of a server that takes none",
     {.greets = true},
     {WISH(.keeps_session = true, .session = 1),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE,
                    .wish = {.resumes = true, .session = 1, .offers_early_data = true}}}},
     true,
     false,
     true},
    {"session: nothing is resumed where nothing was kept",
     {.greets = true},
     {WISH(.min_version = 0),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE, .wish = {.resumes = true, .session = 1}}}},
     false,
     false,
     false},
    {"session: nor out of another slot",
     {.max_version = TLS1_2_VERSION},
     {WISH(.keeps_session = true, .session = 1),
      {.after = 1,
       .question = {.kind = TC_QUESTION_HANDSHAKE, .wish = {.resumes = true, .session = 2}}}},
     false,
     false,
     true},
};

static void check_session(void **state)
{
    const struct session_case *row = *state;
    struct tc_target target = scenario_target();
    struct fake_net net;
    play_twice(&net, &row->peer, row->plan, &target);
    const struct tc_handshake_facts *first = &fake_planner_answer(1)->facts;
    const struct tc_handshake_facts *second = &fake_planner_answer(2)->facts;
    assert_true(first->is_done && second->is_done);
    assert_int_equal(first->session_kept, row->plan[0].question.wish.keeps_session);
    assert_int_equal(first->ticket_seen, row->ticket_seen);
    assert_int_equal(second->is_resumed, row->is_resumed);
    assert_int_equal(second->early_data_accepted, row->early_data_accepted);
    assert_false(first->is_resumed);
    fake_net_cleanup(&net);
}

static void the_endpoints_own_session_is_slot_zero(void **state)
{
    (void)state;
    static struct tls_peer_options peer;
    static const struct fake_question k_plan[] = {WISH(.resumes = true, .session = 0)};
    static struct fake_step script[] = {CONNECTED, TLS(&peer), {.kind = FAKE_REPEAT}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    peer = (struct tls_peer_options){.greets = true};
    peer.context = tls_peer_context(&peer);
    play(&net, script, k_plan, 1, &target);
    const struct tc_handshake_facts *own = &g_planner.options.handshake;
    assert_true(own->is_done && own->session_kept && own->ticket_seen && own->tickets_awaited);
    assert_true(own->ticket_lifetime_s > 0);
    assert_int_equal(own->leaf_key, TC_LEAF_ECDSA);
    assert_memory_equal(own->leaf_sha256, net.observation->chain->presented[0]->sha256, 32);
    assert_true(own->offered_alpn);
    assert_true(fake_planner_answer(1)->facts.is_resumed);
    fake_net_cleanup(&net);
    SSL_CTX_free(peer.context);
}

static void what_a_ticket_says(void **state)
{
    (void)state;
    static const struct tls_peer_options k_early = {.greets = true, .takes_early_data = true};
    static const struct fake_question k_plan[] = {WISH(.keeps_session = true, .session = 1),
                                                  WISH(.max_version = 0x0303)};
    static const struct fake_step k_script[] = {
        OWN_TLS12, AGAIN, CONNECTED, TLS(&k_early), {.kind = FAKE_REPEAT}};
    struct tc_target target = scenario_target();
    struct fake_net net;
    play(&net, k_script, k_plan, 2, &target);
    assert_true(fake_planner_answer(1)->facts.ticket_lifetime_s > 0);
    assert_true(fake_planner_answer(1)->facts.max_early_data_bytes > 0);
    assert_true(fake_planner_answer(2)->facts.ticket_lifetime_s > 0);
    assert_int_equal(fake_planner_answer(2)->facts.max_early_data_bytes, 0);
    fake_net_cleanup(&net);
}

static void quick_waits_for_no_ticket(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(&k_tls13)};
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_planner_reset(NULL, 0);
    fake_net_init(&net, k_script, &g_scenario.options, g_scenario.tls, &target);
    assert_true(fake_net_play(&net));
    assert_int_equal(net.observation->outcome, TC_OUTCOME_OK);
    assert_int_equal(fake_net_elapsed_ms(&net), 100);
    fake_net_cleanup(&net);
}

static void the_wait_for_tickets_is_not_the_handshakes_time(void **state)
{
    (void)state;
    static const struct fake_step k_script[] = {CONNECTED, TLS(&k_tls13)};
    struct tc_target target = scenario_target();
    struct fake_net net;
    fake_planner_reset(NULL, 0);
    fake_net_init(&net, k_script, &g_standard, g_standard_tls, &target);
    assert_true(fake_net_play(&net));
    assert_int_equal(net.observation->outcome, TC_OUTCOME_OK);
    assert_int_equal(net.observation->timing.handshake_us, 50000);
    assert_int_equal(net.observation->timing.total_us, 100000);
    assert_int_equal(fake_net_elapsed_ms(&net), 100 + 50 + 300 + 1000);
    assert_false(g_planner.options.handshake.tickets_awaited);
    assert_false(g_planner.options.handshake.ticket_seen);
    fake_net_cleanup(&net);
}

static void the_last_words_are_said_once(void **state)
{
    (void)state;
    static const char k_greeting[] = "220 mx.example\r\n";
    static const char k_offers[] = "250-mx.example\r\n250 STARTTLS\r\n";
    static const char k_go[] = "220 go\r\n";
    static const struct fake_step k_script[] = {
        CONNECTED, TEXT(k_greeting), AWAIT, TEXT(k_offers), AWAIT, TEXT(k_go), TLS(&k_no_tickets)};
    struct tc_target target = scenario_target();
    struct fake_net net;
    target.protocol = TC_PROTOCOL_SMTP;
    fake_planner_reset(NULL, 0);
    fake_net_init(&net, k_script, &g_standard, g_standard_tls, &target);
    assert_true(fake_net_play(&net));
    assert_int_equal(net.observation->outcome, TC_OUTCOME_OK);
    assert_true(g_planner.options.handshake.tickets_awaited);
    assert_string_equal(net.peers[0]->heard, "QUIT\r\n");
    fake_net_cleanup(&net);
}

static void a_handshakes_chain_may_be_the_rows(void **state)
{
    (void)state;
    static const struct fake_question k_plan[] = {
        {.question = {.kind = TC_QUESTION_HANDSHAKE}, .chain = TC_SURVEY_CHAIN_OWN}};
    static const struct fake_step k_script[] = {CONNECTED, AWAIT,     BYTES(k_alert_40),
                                                AGAIN,     CONNECTED, TLS(&k_tls13)};
    struct tc_target target = scenario_target();
    struct fake_net net;
    play(&net, k_script, k_plan, 1, &target);
    assert_int_equal(net.observation->outcome, TC_OUTCOME_ALERT);
    assert_int_equal(g_planner.options.handshake.alert, 40);
    assert_non_null(net.observation->chain);
    assert_true(net.observation->chain->trusted);
    fake_net_cleanup(&net);
}

#define NUM_WISHES   TC_ARRAY_LEN(wish_cases)
#define NUM_SESSIONS TC_ARRAY_LEN(session_cases)
enum { NUM_OTHERS = 7 };

int main(void)
{
    const struct CMUnitTest others[NUM_OTHERS] = {
        cmocka_unit_test(the_name_is_wished_for),
        cmocka_unit_test(the_endpoints_own_session_is_slot_zero),
        cmocka_unit_test(what_a_ticket_says),
        cmocka_unit_test(quick_waits_for_no_ticket),
        cmocka_unit_test(the_wait_for_tickets_is_not_the_handshakes_time),
        cmocka_unit_test(the_last_words_are_said_once),
        cmocka_unit_test(a_handshakes_chain_may_be_the_rows),
    };
    struct CMUnitTest tests[NUM_WISHES + NUM_SESSIONS + NUM_OTHERS] = {0};
    for (size_t i = 0; i < NUM_WISHES; i++) {
        tests[i].name = wish_cases[i].name;
        tests[i].test_func = check_wish;
        tests[i].initial_state = (void *)(uintptr_t)&wish_cases[i];
    }
    for (size_t i = 0; i < NUM_SESSIONS; i++) {
        tests[NUM_WISHES + i].name = session_cases[i].name;
        tests[NUM_WISHES + i].test_func = check_session;
        tests[NUM_WISHES + i].initial_state = (void *)(uintptr_t)&session_cases[i];
    }
    memcpy(tests + NUM_WISHES + NUM_SESSIONS, others, sizeof others);
    return cmocka_run_group_tests_name("survey_handshake", tests, survey_scenario_set_up,
                                       survey_scenario_tear_down);
}
