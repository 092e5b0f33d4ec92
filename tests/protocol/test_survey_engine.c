/* The planner's engine, answer by answer: what is asked again, what is proved, and how it ends. */
#include <string.h>

#include "test_support.h"

#include "fake_policies.h"
#include "survey_player.h"
#include "tlscensus/features.h"

#define MAX_QUESTIONS 200

static struct tc_survey *begin(unsigned parallel, unsigned max_connections)
{
    struct tc_survey *survey = NULL;
    struct tc_survey_options options = survey_options(TC_SURVEY_STANDARD, parallel);
    options.max_connections = max_connections;
    assert_int_equal(tc_survey_new(&survey, &options), TC_OK);
    return survey;
}

static enum tc_survey_chain feed(struct tc_survey *survey, const struct tc_question *question,
                                 enum tc_answer_end end, const uint8_t *bytes, size_t len)
{
    struct tc_flight flight;
    const struct tc_flight_options options = {.max_bytes = 4096,
                                              .keep_certificates = question->keeps_certificates,
                                              .allows_ssl2 = question->is_ssl2};
    const struct tc_handshake_facts facts = {0};
    if (question->kind == TC_QUESTION_HANDSHAKE) {
        return tc_survey_feed_handshake(survey, question->id, end, &facts);
    }
    tc_flight_init(&flight, &options);
    (void)tc_flight_feed(&flight, bytes, len);
    enum tc_survey_chain chain = tc_survey_feed(survey, question->id, end, &flight);
    tc_flight_cleanup(&flight);
    return chain;
}

static void expect(const struct tc_survey *survey, uint16_t version, enum tc_tristate value)
{
    struct tc_features features;
    assert_int_equal(tc_survey_result(survey, &features), TC_OK);
    assert_int_equal(tc_features_get(&features, TC_FEATURE_VERSION, 0, version), value);
    tc_features_cleanup(&features);
}

/* ---- SSL 2.0: its certificate may be all that there is ---- */

static const uint8_t k_ssl2_leaf[] = {0x80, 0x12, 4, 0, 1, 0, 2, 0, 4, 0,
                                      3,    0,    0, 1, 2, 3, 4, 1, 0, 0x80};
static const uint8_t k_ssl2_bare[] = {0x80, 0x0e, 4, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 1, 0, 0x80};
static const uint8_t k_ssl2_error[] = {0x80, 0x03, 0, 0, 1};

static const struct ssl2_case {
    const char *name;
    const uint8_t *bytes;
    size_t len;
    enum tc_survey_chain chain;
} ssl2_cases[] = {
    {"ssl2: a certificate is the server's, for want of another", k_ssl2_leaf, sizeof k_ssl2_leaf,
     TC_SURVEY_CHAIN_SSL2},
    {"ssl2: a hello without one", k_ssl2_bare, sizeof k_ssl2_bare, TC_SURVEY_CHAIN_NONE},
    {"ssl2: an error", k_ssl2_error, sizeof k_ssl2_error, TC_SURVEY_CHAIN_NONE},
    {"ssl2: half a hello", k_ssl2_leaf, sizeof k_ssl2_leaf - 1, TC_SURVEY_CHAIN_NONE},
};

static void check_ssl2(void **state)
{
    const struct ssl2_case *row = *state;
    struct tc_survey *survey = begin(1, 74);
    struct tc_question question;
    bool was_asked = false;
    while (tc_survey_next(survey, &question) == TC_SURVEY_ASK) {
        if (question.is_ssl2) {
            was_asked = true;
            assert_true(question.keeps_certificates);
            assert_int_equal(feed(survey, &question, TC_ANSWER_COMPLETE, row->bytes, row->len),
                             row->chain);
        } else {
            assert_int_equal(feed(survey, &question, TC_ANSWER_CLOSED, NULL, 0),
                             TC_SURVEY_CHAIN_NONE);
        }
    }
    assert_true(was_asked);
    tc_survey_free(survey);
}

/* ---- the endpoint's own session: without a ticket nothing is asked, but what does that say? ----
 */

static const struct own_case {
    const char *name;
    struct tc_handshake_facts own;
    enum tc_trait trait;
    enum tc_tristate expected;
} own_cases[] = {
    {"own session: the server ended without a ticket",
     {.version = TC_TLS1_3, .tickets_awaited = true},
     TC_TRAIT_PSK_RESUMPTION,
     TC_NO},
    {"own session: and so has none",
     {.version = TC_TLS1_3, .tickets_awaited = true},
     TC_TRAIT_SESSION_TICKET,
     TC_NO},
    {"own session: it was not heard out",
     {.version = TC_TLS1_3},
     TC_TRAIT_PSK_RESUMPTION,
     TC_UNKNOWN},
    {"own session: its tickets are open then",
     {.version = TC_TLS1_3},
     TC_TRAIT_SESSION_TICKET,
     TC_UNKNOWN},
    {"own session: its ticket could not be kept",
     {.version = TC_TLS1_3, .ticket_seen = true, .tickets_awaited = true},
     TC_TRAIT_PSK_RESUMPTION,
     TC_UNKNOWN},
    {"own session: neither ticket nor id in TLS 1.2",
     {.version = TC_TLS1_2},
     TC_TRAIT_SESSION_ID_RESUMPTION,
     TC_NO},
};

static void check_own_session(void **state)
{
    const struct own_case *row = *state;
    struct tc_survey *survey = NULL;
    struct tc_question question;
    struct tc_features features;
    struct tc_survey_options options = survey_options(TC_SURVEY_STANDARD, 1);
    options.max_connections = 74;
    options.handshake = row->own;
    options.handshake.is_done = true;
    assert_int_equal(tc_survey_new(&survey, &options), TC_OK);
    while (tc_survey_next(survey, &question) == TC_SURVEY_ASK) {
        assert_false(question.wish.resumes);
        (void)feed(survey, &question, TC_ANSWER_CLOSED, NULL, 0);
    }
    assert_int_equal(tc_survey_result(survey, &features), TC_OK);
    assert_int_equal(tc_features_get(&features, TC_FEATURE_TRAIT, 0, row->trait), row->expected);
    tc_features_cleanup(&features);
    tc_survey_free(survey);
}

/* ---- servers that answer nothing: the survey ends, and says nothing ---- */

static struct dead_case {
    const char *name;
    enum tc_answer_end end;
    unsigned parallel;
    unsigned max_connections;
} dead_cases[] = {
    {"dead: never reached", TC_ANSWER_UNREACHED, 4, 74},
    {"dead: silent", TC_ANSWER_SILENCE, 2, 74},
    {"dead: hangs up on everything", TC_ANSWER_CLOSED, 1, 74},
    {"dead: resets everything", TC_ANSWER_RESET, 4, 74},
    {"dead: our own fault", TC_ANSWER_LOCAL, 2, 74},
    {"dead: breaks off", TC_ANSWER_BROKEN, 2, 74},
    {"dead: with two connections", TC_ANSWER_SILENCE, 2, 2},
    {"dead: with one", TC_ANSWER_SILENCE, 2, 1},
    {"dead: with none", TC_ANSWER_SILENCE, 2, 0},
};

static void check_dead(void **state)
{
    static const uint16_t versions[] = {TC_SSL2, TC_SSL3, TC_TLS1, TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};
    const struct dead_case *row = *state;
    struct tc_survey *survey = begin(row->parallel, row->max_connections);
    struct tc_question question;
    struct tc_features features;
    unsigned asked = 0;
    while (tc_survey_next(survey, &question) == TC_SURVEY_ASK) {
        asked++;
        assert_true(asked < MAX_QUESTIONS);
        (void)feed(survey, &question, row->end, NULL, 0);
    }
    assert_int_equal(tc_survey_next(survey, &question), TC_SURVEY_DONE);
    assert_int_equal(tc_survey_connections(survey), asked);
    assert_true(asked <= row->max_connections);
    assert_int_equal(tc_survey_result(survey, &features), TC_OK);
    for (size_t i = 0; i < TC_ARRAY_LEN(versions); i++) {
        /* An old server's only answer to a CLIENT-HELLO is to hang up: nothing proves it here. */
        assert_int_equal(tc_features_get(&features, TC_FEATURE_VERSION, 0, versions[i]),
                         TC_UNKNOWN);
    }
    const struct tc_feature *complete =
        tc_features_find(&features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE);
    assert_int_equal(complete->supported, TC_NO);
    assert_true(strlen(complete->text) > 0);
    tc_features_cleanup(&features);
    tc_survey_free(survey);
}

/* ---- what proves a no ---- */

static const uint8_t k_alert[] = {21, 3, 1, 0, 2, 2, 70};
static const uint8_t k_internal_error[] = {21, 3, 1, 0, 2, 2, 80};
/* TLS 1.2, TLS_RSA_WITH_AES_128_CBC_SHA; the rest of the flight is not needed. */
static const uint8_t k_hello[] = {22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, 1, 1, 1,    1, 1,
                                  1,  1, 1, 1, 1,  1, 1, 1, 1,  1, 1, 1, 1, 1,    1, 1,
                                  1,  1, 1, 1, 1,  1, 1, 1, 1,  1, 1, 0, 0, 0x2f, 0};

/* The next question, which there has to be. */
static struct tc_question next(struct tc_survey *survey)
{
    struct tc_question question;
    assert_int_equal(tc_survey_next(survey, &question), TC_SURVEY_ASK);
    return question;
}

/* An answer to a question that was out already says nothing of what came later. */
static void test_crossing_answers(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(2, 3);
    struct tc_question tls13 = next(survey);
    struct tc_question tls12 = next(survey);
    feed(survey, &tls13, TC_ANSWER_COMPLETE, k_alert, sizeof k_alert);
    feed(survey, &tls12, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    expect(survey, TC_TLS1_2, TC_YES);
    expect(survey, TC_TLS1_3, TC_UNKNOWN);
    tc_survey_free(survey);
}

static void test_a_later_answer_proves(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(1, 74);
    struct tc_question tls13 = next(survey);
    feed(survey, &tls13, TC_ANSWER_COMPLETE, k_alert, sizeof k_alert);
    expect(survey, TC_TLS1_3, TC_UNKNOWN);
    struct tc_question tls12 = next(survey);
    feed(survey, &tls12, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    expect(survey, TC_TLS1_3, TC_NO);
    tc_survey_free(survey);
}

/* Whatever else is asked is answered, until what was hung up on is up again. */
static struct tc_question skip_to_pause(struct tc_survey *survey)
{
    for (unsigned i = 0; i < MAX_QUESTIONS; i++) {
        struct tc_question question = next(survey);
        if (question.delay_ms > 0) {
            return question;
        }
        feed(survey, &question, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    }
    fail_msg("nothing is asked again");
    return (struct tc_question){0};
}

/* After a pause, alone, and between two control hellos: else hanging up is no answer. */
static void test_hanging_up_is_asked_again_alone(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(4, 74);
    struct tc_question none;
    struct tc_question first = next(survey);
    assert_int_equal(first.delay_ms, 0);
    feed(survey, &first, TC_ANSWER_CLOSED, NULL, 0);
    struct tc_question before = skip_to_pause(survey);
    assert_int_equal(before.delay_ms, 1200);
    assert_int_equal(tc_survey_next(survey, &none), TC_SURVEY_WAIT);
    feed(survey, &before, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    struct tc_question again = next(survey);
    assert_int_equal(again.delay_ms, 0);
    assert_int_equal(tc_survey_next(survey, &none), TC_SURVEY_WAIT);
    feed(survey, &again, TC_ANSWER_CLOSED, NULL, 0);
    struct tc_question behind = next(survey);
    assert_int_equal(behind.delay_ms, 0);
    assert_int_equal(tc_survey_next(survey, &none), TC_SURVEY_WAIT);
    feed(survey, &behind, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    /* That was TLS 1.3 without a key share: two other ways of asking are tried before a no. */
    expect(survey, TC_TLS1_3, TC_UNKNOWN);
    tc_survey_free(survey);
}

static void test_a_silent_control_proves_nothing(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(4, 74);
    struct tc_question question = next(survey);
    feed(survey, &question, TC_ANSWER_RESET, NULL, 0);
    question = skip_to_pause(survey);
    feed(survey, &question, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    question = next(survey);
    feed(survey, &question, TC_ANSWER_RESET, NULL, 0);
    question = next(survey); /* the control behind it */
    feed(survey, &question, TC_ANSWER_RESET, NULL, 0);
    question = next(survey); /* its second try comes too late to prove anything */
    assert_true(question.delay_ms > 0);
    feed(survey, &question, TC_ANSWER_CLOSED, k_hello, sizeof k_hello);
    expect(survey, TC_TLS1_3, TC_UNKNOWN);
    tc_survey_free(survey);
}

static void test_internal_error_is_asked_again(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(1, 74);
    struct tc_question first = next(survey);
    feed(survey, &first, TC_ANSWER_COMPLETE, k_internal_error, sizeof k_internal_error);
    struct tc_question again = next(survey);
    assert_int_equal(again.delay_ms, 500);
    tc_survey_free(survey);
}

static void test_who_is_not_reached_is_left_alone_for_longer(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(1, 74);
    struct tc_question first = next(survey);
    feed(survey, &first, TC_ANSWER_UNREACHED, NULL, 0);
    struct tc_question again = next(survey);
    assert_int_equal(again.delay_ms, 2000);
    tc_survey_free(survey);
}

/* ---- callers that are not careful ---- */

static void test_never_more_out_than_parallel(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(2, 74);
    struct tc_question question;
    (void)next(survey);
    (void)next(survey);
    assert_int_equal(tc_survey_next(survey, &question), TC_SURVEY_WAIT);
    tc_survey_free(survey);
}

static void test_answers_to_nothing(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(1, 74);
    struct tc_question question = next(survey);
    const struct tc_question stranger = {.id = 77};
    feed(survey, &stranger, TC_ANSWER_COMPLETE, k_alert, sizeof k_alert);
    feed(survey, &question, TC_ANSWER_COMPLETE, k_alert, sizeof k_alert);
    feed(survey, &question, TC_ANSWER_CLOSED, k_hello, sizeof k_hello); /* its second answer */
    expect(survey, TC_TLS1_2, TC_UNKNOWN);
    tc_survey_free(survey);
}

static void test_hellos_of_no_question(void **state)
{
    (void)state;
    uint8_t bytes[TC_HELLO_MAX_BYTES];
    size_t len = 0;
    size_t split = 0;
    struct tc_survey *survey = begin(1, 74);
    assert_int_equal(tc_survey_hello(survey, 1, bytes, sizeof bytes, &len, &split), TC_ERR_RANGE);
    struct tc_question question = next(survey);
    assert_int_equal(tc_survey_hello(survey, question.id, bytes, 100, &len, &split), TC_ERR_LIMIT);
    assert_int_equal(tc_survey_hello(survey, question.id, bytes, sizeof bytes, &len, &split),
                     TC_OK);
    tc_survey_free(survey);
}

static void test_stopped_in_between(void **state)
{
    (void)state;
    struct tc_survey *survey = begin(2, 74);
    struct tc_features features;
    struct tc_question question;
    struct tc_question first = next(survey);
    tc_survey_stop(survey, "the time is up");
    assert_int_equal(tc_survey_next(survey, &question), TC_SURVEY_WAIT);
    feed(survey, &first, TC_ANSWER_COMPLETE, k_alert, sizeof k_alert);
    assert_int_equal(tc_survey_next(survey, &question), TC_SURVEY_DONE);
    assert_int_equal(tc_survey_result(survey, &features), TC_OK);
    assert_string_equal(
        tc_features_find(&features, TC_FEATURE_TRAIT, 0, TC_TRAIT_SURVEY_COMPLETE)->text,
        "the time is up");
    tc_features_cleanup(&features);
    tc_survey_free(survey);
}

/* ---- lists that turn out not to be complete ---- */

static struct list_case {
    const char *name;
    bool is_complete; /* before */
    bool is_known;
    bool main_is_done; /* of groups */
    bool is_lanes;     /* likewise: the lane of finite fields is still to ask for it */
    enum tc_tristate suites;
    enum tc_tristate groups;
    bool differ; /* groups were refused in one hello and accepted in another */
} list_cases[] = {
    {"list: one more while it is open", false, false, false, false, TC_UNKNOWN, TC_UNKNOWN, false},
    {"list: what is on it already", true, true, true, false, TC_YES, TC_YES, false},
    {"list: what was refused", true, false, true, false, TC_UNKNOWN, TC_UNKNOWN, true},
    {"list: refused by the loop, while the lane asked", false, false, true, false, TC_UNKNOWN,
     TC_UNKNOWN, true},
    {"list: left to the lane", false, false, true, true, TC_UNKNOWN, TC_UNKNOWN, false},
};

static void check_list(void **state)
{
    const struct list_case *row = *state;
    struct tc_survey *survey = begin(1, 74);
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_2];
    struct tc_group_state *groups = &survey->groups13;
    if (row->is_known) {
        tc_bits_set(&level->yes, 3);
    }
    level->complete.value = groups->complete.value = row->is_complete ? TC_YES : TC_UNKNOWN;
    groups->yes = row->is_known ? 1U << 3 : 0;
    groups->main_is_done = row->main_is_done;
    groups->finite_left = row->is_lanes ? 1U << 3 : 0;
    tc_survey_take_suite(survey, level, 3);
    tc_survey_take_group(survey, groups, 3);
    assert_true(tc_bits_get(&level->yes, 3));
    assert_int_equal(groups->yes, 1U << 3);
    assert_int_equal(level->complete.value, row->suites);
    assert_int_equal(groups->complete.value, row->groups);
    assert_int_equal(groups->is_contradictory, row->differ);
    tc_survey_free(survey);
}

/* The loop is refused all finite fields, and the lane beside it is not. Whose order it is stays
 * open.
 */
static void refuse_finite(struct tc_survey *survey, const char *name, struct fake_reply *reply)
{
    uint64_t finite = tc_survey_finite_groups13(survey);
    if (strcmp(name, "order at TLS 1.3") == 0) {
        *reply = (struct fake_reply){.end = TC_ANSWER_LOCAL};
    } else if (strcmp(name, "tls13") == 0 && survey->groups13.choices.num > 0 &&
               (survey->groups13.offered & finite) != 0) {
        *reply = (struct fake_reply){.end = TC_ANSWER_COMPLETE};
        fake_alert_write(reply, 40);
    }
}

static void test_lane_and_loop_differ(void **state)
{
    static const uint16_t groups[] = {0x001d, 0x0100, 0x0101, 0x0102, 0};
    struct fake_policy policy = *fake_policy_find("modern, both certificates, its own order");
    (void)state;
    memcpy(policy.groups13, groups, sizeof groups);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fake_server server = {.policy = &policy, .random = seed};
        struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 4),
                            .meddler = refuse_finite,
                            .seed = seed};
        struct played played;
        survey_play(&played, &server, &play);
        bool has_finite =
            tc_features_get(&played.features, TC_FEATURE_GROUP, TC_TLS1_3, 0x0100) == TC_YES;
        enum tc_tristate complete = tc_features_get(&played.features, TC_FEATURE_TRAIT, TC_TLS1_3,
                                                    TC_TRAIT_GROUPS_COMPLETE);
        assert_false(has_finite && complete == TC_YES);
        tc_features_cleanup(&played.features);
    }
}

/* Ranks do not hang on whether the lane or the answer about the order comes first. */
static void test_ranks_in_any_order(void **state)
{
    static const uint16_t groups[] = {0x001d, 0x0100, 0x0101, 0x0102, 0};
    struct fake_policy policy = *fake_policy_find("modern, both certificates, its own order");
    (void)state;
    memcpy(policy.groups13, groups, sizeof groups);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        struct fake_server server = {.policy = &policy, .random = seed};
        struct play play = {.options = survey_options(TC_SURVEY_STANDARD, 4), .seed = seed};
        struct played played;
        survey_play(&played, &server, &play);
        for (size_t i = 0; groups[i] != 0; i++) {
            const struct tc_feature *found =
                tc_features_find(&played.features, TC_FEATURE_GROUP, TC_TLS1_3, groups[i]);
            assert_non_null(found);
            assert_int_equal(found->rank, i + 1);
        }
        tc_features_cleanup(&played.features);
    }
}

int main(void)
{
    struct CMUnitTest tests[64] = {
        cmocka_unit_test(test_crossing_answers),
        cmocka_unit_test(test_a_later_answer_proves),
        cmocka_unit_test(test_hanging_up_is_asked_again_alone),
        cmocka_unit_test(test_a_silent_control_proves_nothing),
        cmocka_unit_test(test_internal_error_is_asked_again),
        cmocka_unit_test(test_who_is_not_reached_is_left_alone_for_longer),
        cmocka_unit_test(test_never_more_out_than_parallel),
        cmocka_unit_test(test_answers_to_nothing),
        cmocka_unit_test(test_hellos_of_no_question),
        cmocka_unit_test(test_stopped_in_between),
        cmocka_unit_test(test_lane_and_loop_differ),
        cmocka_unit_test(test_ranks_in_any_order),
    };
    size_t num = 12;
    ADD_ROWS(list_cases, check_list)
    ADD_ROWS(dead_cases, check_dead)
    ADD_ROWS(ssl2_cases, check_ssl2)
    ADD_ROWS(own_cases, check_own_session)
    return _cmocka_run_group_tests("survey_engine", tests, num, NULL, NULL);
}
