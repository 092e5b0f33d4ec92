/* What is intrusive: asked with its bit alone, at the end, one thing at a time. */
#include <stdio.h>
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "survey_player.h"

#define ALL_INTRUSIVE                                                                              \
    (TC_INTRUSIVE_RENEGOTIATION | TC_INTRUSIVE_HEARTBEAT | TC_INTRUSIVE_CCS |                      \
     TC_INTRUSIVE_HTTP_UPGRADE)

static const char k_modern[] = "modern, both certificates, its own order";
/* More than profile standard allows. */
static const char k_rich[] = "all versions from TLS 1.0 on, 61 pairs, its own order";

/* ---- each with its bit ---- */

static struct intrusive_case {
    const char *name;
    unsigned bits;
    bool is_vulnerable; /* the server does what it should not */
    unsigned acks;      /* added to the policy's */
    enum tc_trait trait;
    enum tc_tristate value;
    const char *text;
    unsigned renegotiations;
    unsigned follow_ups;
    unsigned requests;
} intrusive_cases[] = {
    {"intrusive: nothing without a bit", 0, true, FAKE_ACK_HEARTBEAT, TC_TRAIT_EARLY_CCS,
     TC_UNKNOWN, NULL, 0, 0, 0},
    {"intrusive: renegotiation that is let in", TC_INTRUSIVE_RENEGOTIATION, true, 0,
     TC_TRAIT_CLIENT_RENEGOTIATION, TC_YES, NULL, 1, 0, 0},
    {"intrusive: renegotiation that is refused", TC_INTRUSIVE_RENEGOTIATION, false, 0,
     TC_TRAIT_CLIENT_RENEGOTIATION, TC_NO, NULL, 1, 0, 0},
    {"intrusive: a heartbeat that is answered", TC_INTRUSIVE_HEARTBEAT, true, FAKE_ACK_HEARTBEAT,
     TC_TRAIT_HEARTBEAT_UNPADDED, TC_YES, "a heartbeat of 3 bytes", 0, 1, 0},
    {"intrusive: a heartbeat that is dropped", TC_INTRUSIVE_HEARTBEAT, false, FAKE_ACK_HEARTBEAT,
     TC_TRAIT_HEARTBEAT_UNPADDED, TC_NO, "nothing", 0, 1, 0},
    {"intrusive: no heartbeat for who does not offer it", TC_INTRUSIVE_HEARTBEAT, true, 0,
     TC_TRAIT_HEARTBEAT_UNPADDED, TC_UNKNOWN, NULL, 0, 0, 0},
    {"intrusive: an early ChangeCipherSpec that is taken", TC_INTRUSIVE_CCS, true, 0,
     TC_TRAIT_EARLY_CCS, TC_YES, NULL, 0, 1, 0},
    {"intrusive: an early ChangeCipherSpec that is refused", TC_INTRUSIVE_CCS, false, 0,
     TC_TRAIT_EARLY_CCS, TC_NO, NULL, 0, 1, 0},
    {"intrusive: a web server that upgrades", TC_INTRUSIVE_HTTP_UPGRADE, true, 0,
     TC_TRAIT_HTTP_UPGRADE, TC_YES, NULL, 0, 0, 1},
    {"intrusive: a web server that does not", TC_INTRUSIVE_HTTP_UPGRADE, false, 0,
     TC_TRAIT_HTTP_UPGRADE, TC_NO, NULL, 0, 0, 1},
    {"intrusive: all at once", ALL_INTRUSIVE, true, FAKE_ACK_HEARTBEAT, TC_TRAIT_EARLY_CCS, TC_YES,
     NULL, 1, 2, 1},
};

/* The machine that answers the heartbeat's hello is one that has never heard of it. */
static void forget_heartbeat(struct tc_survey *survey, const char *name, struct fake_reply *reply)
{
    static const uint8_t extension[] = {0, TC_EXTENSION_HEARTBEAT, 0, 1};
    (void)survey;
    for (size_t i = 0; i + sizeof extension <= reply->len && strcmp(name, "heartbeat") == 0; i++) {
        if (memcmp(reply->bytes + i, extension, sizeof extension) == 0) {
            reply->bytes[i] = 0x7f; /* another extension, which nobody knows */
            return;
        }
    }
}

static void test_heartbeat_needs_consent(void **state)
{
    struct fake_policy policy = *fake_policy_find(k_modern);
    struct fake_server server = {.policy = &policy, .random = 3};
    struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 2), .seed = 5};
    struct played played;
    (void)state;
    policy.acks |= FAKE_ACK_HEARTBEAT;
    play.options.intrusive = TC_INTRUSIVE_HEARTBEAT;
    play.meddler = forget_heartbeat;
    survey_play(&played, &server, &play);
    assert_int_equal(played.follow_ups, 1);
    assert_int_equal(played.followed, 0);
    assert_null(
        tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT_UNPADDED));
    tc_features_cleanup(&played.features);
}

static void check_depth(const struct intrusive_case *row, enum tc_survey_depth depth)
{
    struct fake_policy policy = *fake_policy_find(k_modern);
    struct fake_server server = {.policy = &policy, .random = 3};
    struct play play = {.options = survey_options(depth, 2), .seed = 5};
    struct played played;
    play.options.intrusive = row->bits;
    policy.acks |= row->acks;
    policy.renegotiates = row->is_vulnerable;
    policy.answers_short_heartbeat = row->is_vulnerable;
    policy.takes_early_ccs = row->is_vulnerable;
    policy.upgrades_http = row->is_vulnerable;
    survey_play(&played, &server, &play);
    const struct tc_feature *found =
        tc_features_find(&played.features, TC_FEATURE_TRAIT, 0, row->trait);
    assert_int_equal(found == NULL ? TC_UNKNOWN : found->supported, row->value);
    if (row->text != NULL) {
        assert_string_equal(found->text, row->text);
    }
    assert_int_equal(played.renegotiations, row->renegotiations);
    assert_int_equal(played.follow_ups, row->follow_ups);
    assert_int_equal(played.followed, row->follow_ups);
    assert_int_equal(played.requests, row->requests);
    assert_int_equal(played.ordinary_after, 0);
    tc_features_cleanup(&played.features);
}

static void check_intrusive(void **state)
{
    check_depth(*state, TC_SURVEY_STANDARD);
    check_depth(*state, TC_SURVEY_DEEP);
}

/* Whatever else there is to ask, even where the questions grow in number while they are asked. */
static void check_last(void **state)
{
    const struct fake_policy *policy = *state;
    static const unsigned parallels[] = {1, 4};
    for (size_t i = 0; i < TC_ARRAY_LEN(parallels); i++) {
        for (int depth = TC_SURVEY_STANDARD; depth <= TC_SURVEY_DEEP; depth++) {
            struct fake_server server = {.policy = policy, .random = 3};
            struct play play = {.options = survey_options(depth, parallels[i]), .seed = 5};
            struct played played;
            play.options.intrusive = ALL_INTRUSIVE;
            play.options.max_connections = 400;
            survey_play(&played, &server, &play);
            assert_int_equal(played.requests, 1);
            assert_in_range(played.ordinary_after, 0, 1); /* a control hello */
            tc_features_cleanup(&played.features);
        }
    }
}

/* ---- replies and heads, as they may come ---- */

#define RECORD(record_type, record_alert)                                                          \
    {                                                                                              \
        .end = TC_ANSWER_COMPLETE, .type = (record_type), .len = 2, .alert = (record_alert)        \
    }

static struct reply_case {
    const char *name;
    struct tc_survey_reply reply;
    enum tc_tristate ccs;
    enum tc_tristate heartbeat;
    const char *text; /* of the heartbeat */
} reply_cases[] = {
    {"reply: bad_record_mac", RECORD(21, 20), TC_YES, TC_NO, "alert 20"},
    {"reply: decryption_failed", RECORD(21, 21), TC_YES, TC_NO, "alert 21"},
    {"reply: unexpected_message", RECORD(21, 10), TC_NO, TC_NO, "alert 10"},
    {"reply: handshake_failure", RECORD(21, 40), TC_NO, TC_NO, "alert 40"},
    {"reply: a heartbeat",
     {.end = TC_ANSWER_COMPLETE, .type = 24, .len = 19},
     TC_UNKNOWN,
     TC_YES,
     "a heartbeat of 19 bytes"},
    {"reply: a record of something else",
     {.end = TC_ANSWER_COMPLETE, .type = 22, .len = 9},
     TC_UNKNOWN,
     TC_NO,
     "a record of type 22"},
    {"reply: hung up", {.end = TC_ANSWER_CLOSED}, TC_NO, TC_NO, "the end of the connection"},
    {"reply: reset", {.end = TC_ANSWER_RESET}, TC_NO, TC_NO, "the end of the connection"},
    {"reply: nothing", {.end = TC_ANSWER_SILENCE}, TC_UNKNOWN, TC_NO, "nothing"},
    {"reply: no record", {.end = TC_ANSWER_BROKEN}, TC_UNKNOWN, TC_UNKNOWN, NULL},
    {"reply: our own fault", {.end = TC_ANSWER_LOCAL}, TC_UNKNOWN, TC_UNKNOWN, NULL},
};

static void check_reply(void **state)
{
    const struct reply_case *row = *state;
    struct fake_policy policy = *fake_policy_find(k_modern);
    struct played played;
    struct fake_server server = {.policy = &policy, .reply = &row->reply};
    struct play play = {.options = survey_options(TC_SURVEY_DEEP, 1), .seed = 5};
    play.options.intrusive = TC_INTRUSIVE_CCS | TC_INTRUSIVE_HEARTBEAT;
    policy.acks |= FAKE_ACK_HEARTBEAT;
    survey_play(&played, &server, &play);
    const struct tc_features *features = &played.features;
    assert_int_equal(tc_features_get(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_EARLY_CCS), row->ccs);
    assert_int_equal(tc_features_get(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT_UNPADDED),
                     row->heartbeat);
    if (row->text != NULL) {
        assert_string_equal(
            tc_features_find(features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HEARTBEAT_UNPADDED)->text,
            row->text);
    }
    tc_features_cleanup(&played.features);
}

static struct head_case {
    const char *name;
    const char *head;
    enum tc_tristate value;
} head_cases[] = {
    {"head: a version of TLS", "HTTP/1.1 200 OK\r\nUpgrade: TLS/1.0\r\n\r\n", TC_YES},
    {"head: among others, in small letters", "HTTP/1.1 200 OK\r\nupgrade: h2c, tls/1.2\r\n\r\n",
     TC_YES},
    {"head: it switches protocols",
     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: TLS/1.2, HTTP/1.1\r\n\r\n", TC_YES},
    {"head: another protocol", "HTTP/1.1 200 OK\r\nUpgrade: h2c\r\n\r\n", TC_NO},
    {"head: no such header", "HTTP/1.1 301 Moved\r\nLocation: https://a/\r\n\r\n", TC_NO},
    {"head: the name inside another", "HTTP/1.1 200 OK\r\nX-Upgrade: TLS/1.0\r\n\r\n", TC_NO},
    {"head: TLS on the next line", "HTTP/1.1 200 OK\r\nUpgrade: h2c\r\nX: TLS/1.0\r\n\r\n", TC_NO},
    {"head: the last line, cut", "HTTP/1.1 200 OK\r\nUpgrade:", TC_NO},
    {"head: no HTTP", "SSH-2.0-OpenSSH\r\nUpgrade: TLS/1.0\r\n\r\n", TC_UNKNOWN},
    {"head: nothing", "", TC_UNKNOWN},
};

static void check_head(void **state)
{
    const struct head_case *row = *state;
    struct fake_policy policy = *fake_policy_find(k_modern);
    struct played played;
    struct fake_server server = {.policy = &policy, .head = row->head};
    struct play play = {.options = survey_options(TC_SURVEY_DEEP, 1), .seed = 5};
    play.options.intrusive = TC_INTRUSIVE_HTTP_UPGRADE;
    survey_play(&played, &server, &play);
    assert_int_equal(tc_features_get(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_HTTP_UPGRADE),
                     row->value);
    tc_features_cleanup(&played.features);
}

/* ---- connections ---- */

static struct budget_case {
    const char *name;
    const char *policy;
    unsigned bits;
    unsigned max_connections;
    unsigned least_ordinary;
    unsigned most_ordinary;
    unsigned intrusive; /* connections */
    enum tc_tristate complete;
} budget_cases[] = {
    {"budget: a server that needs more than there are loses nothing to it", k_rich, ALL_INTRUSIVE,
     TC_SURVEY_STANDARD_CONNECTIONS + 7, TC_SURVEY_STANDARD_CONNECTIONS - 1,
     TC_SURVEY_STANDARD_CONNECTIONS, 3, TC_NO},
    {"budget: without the addition the survey gives way", k_rich, ALL_INTRUSIVE,
     TC_SURVEY_STANDARD_CONNECTIONS, TC_SURVEY_STANDARD_CONNECTIONS - 8,
     TC_SURVEY_STANDARD_CONNECTIONS - 7, 3, TC_NO},
    {"budget: a quarter at most of a small one", k_modern, ALL_INTRUSIVE, 12, 8, 9, 2, TC_NO},
    {"budget: nothing of a tiny one", k_modern, ALL_INTRUSIVE, 3, 2, 3, 0, TC_NO},
    {"budget: nothing where there is none", k_modern, ALL_INTRUSIVE, 0, 0, 0, 0, TC_NO},
};

static void check_budget(void **state)
{
    const struct budget_case *row = *state;
    struct fake_server server = {.policy = fake_policy_find(row->policy), .random = 3};
    struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 2), .seed = 5};
    struct played played;
    play.options.intrusive = row->bits;
    play.options.max_connections = row->max_connections;
    survey_play(&played, &server, &play);
    assert_in_range(played.ordinary, row->least_ordinary, row->most_ordinary);
    assert_int_equal(played.renegotiations + played.follow_ups + played.requests, row->intrusive);
    assert_int_equal(
        tc_features_get(&played.features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE),
        row->complete);
    tc_features_cleanup(&played.features);
}

static struct ceiling_case {
    const char *name;
    unsigned bits;
    unsigned connections;
} ceiling_cases[] = {
    {"ceiling: nothing asked, nothing added", 0, 0},
    {"ceiling: a question of TLS and its second try", TC_INTRUSIVE_CCS, 2},
    {"ceiling: a question to port 80 is asked once", TC_INTRUSIVE_HTTP_UPGRADE, 1},
    {"ceiling: all there is", ALL_INTRUSIVE, 7},
    {"ceiling: a bit that means nothing", 1U << 7, 0},
};

static void check_ceiling(void **state)
{
    const struct ceiling_case *row = *state;
    assert_int_equal(tc_survey_intrusive_connections(row->bits), row->connections);
}

/* ---- who is asked, and how ---- */

static struct request_case {
    const char *name;
    const char *server_name;
    const char *host;
    enum tc_protocol protocol;
    const char *line; /* NULL: nothing is asked */
} request_cases[] = {
    {"request: the name that SNI sends", "a.example", "b.example", TC_PROTOCOL_HTTPS,
     "\r\nHost: a.example\r\n"},
    {"request: else the target's own", NULL, "192.0.2.1", TC_PROTOCOL_HTTPS,
     "\r\nHost: 192.0.2.1\r\n"},
    {"request: IPv6 in brackets", NULL, "2001:db8::1", TC_PROTOCOL_HTTPS,
     "\r\nHost: [2001:db8::1]\r\n"},
    {"request: none without a name", NULL, NULL, TC_PROTOCOL_HTTPS, NULL},
    {"request: none to who is no web server", "a.example", "a.example", TC_PROTOCOL_TLS, NULL},
    {"request: nor to a mail server", "a.example", "a.example", TC_PROTOCOL_SMTP, NULL},
};

static void check_request(void **state)
{
    const struct request_case *row = *state;
    struct tc_survey_options options = survey_options(TC_SURVEY_STANDARD, 1);
    struct tc_survey *survey = NULL;
    struct tc_question question = {0};
    uint8_t bytes[TC_HELLO_MAX_BYTES] = {0};
    size_t len = 0;
    size_t split = 0;
    options.intrusive = TC_INTRUSIVE_HTTP_UPGRADE;
    options.server_name = row->server_name;
    options.host = row->host;
    options.protocol = row->protocol;
    assert_int_equal(tc_survey_new(&survey, &options), TC_OK);
    /* A server that hangs up on everything leaves this question alone. */
    while (tc_survey_next(survey, &question) == TC_SURVEY_ASK &&
           question.kind != TC_QUESTION_HTTP) {
        (void)tc_survey_feed(survey, question.id, TC_ANSWER_CLOSED, NULL);
    }
    assert_int_equal(question.kind == TC_QUESTION_HTTP, row->line != NULL);
    if (row->line != NULL) {
        assert_int_equal(
            tc_survey_hello(survey, question.id, bytes, sizeof bytes - 1, &len, &split), TC_OK);
        assert_non_null(strstr((const char *)bytes, row->line));
        assert_memory_equal(bytes + len - 4, "\r\n\r\n", 4);
        assert_int_equal(tc_survey_hello(survey, question.id, bytes, len, &len, &split),
                         TC_ERR_LIMIT);
    }
    tc_survey_free(survey);
}

int main(void)
{
    static struct CMUnitTest tests[192] = {cmocka_unit_test(test_heartbeat_needs_consent)};
    size_t num = 1;
    ADD_ROWS(intrusive_cases, check_intrusive)
    ADD_ROWS(reply_cases, check_reply)
    ADD_ROWS(head_cases, check_head)
    ADD_ROWS(budget_cases, check_budget)
    ADD_ROWS(ceiling_cases, check_ceiling)
    ADD_ROWS(request_cases, check_request)
    for (size_t i = 0; i < fake_num_policies; i++) {
        tests[num].name = fake_policies[i].name;
        tests[num].test_func = check_last;
        tests[num].initial_state = (void *)(uintptr_t)&fake_policies[i];
        num++;
    }
    return _cmocka_run_group_tests("survey_intrusive", tests, num, NULL, NULL);
}
