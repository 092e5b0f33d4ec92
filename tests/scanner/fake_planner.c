#include "fake_planner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct tc_survey {
    int unused;
};

struct fake_planner g_planner;
const char k_fake_hello[] = "hello from a probe";

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

void fake_planner_reset(const struct fake_question *plan, size_t num_plan)
{
    require(g_planner.num_alive == 0);
    g_planner = (struct fake_planner){.plan = plan, .num_plan = num_plan};
}

const struct fake_answer *fake_planner_answer(uint32_t id)
{
    const struct fake_answer *found = NULL;
    for (size_t i = 0; i < g_planner.num_answers; i++) {
        if (g_planner.answers[i].id == id) {
            require(found == NULL);
            found = &g_planner.answers[i];
        }
    }
    require(found != NULL);
    return found;
}

static const struct fake_question *planned(uint32_t id)
{
    require(id > 0 && id <= g_planner.num_asked);
    return &g_planner.plan[(id - 1) % g_planner.num_plan];
}

enum tc_status tc_survey_new(struct tc_survey **out, const struct tc_survey_options *options)
{
    if (g_planner.new_fails != TC_OK) {
        return g_planner.new_fails;
    }
    g_planner.options = *options;
    (void)snprintf(g_planner.server_name, sizeof g_planner.server_name, "%s",
                   options->server_name != NULL ? options->server_name : "");
    *out = calloc(1, sizeof **out);
    require(*out != NULL);
    g_planner.num_alive++;
    return TC_OK;
}

void tc_survey_free(struct tc_survey *survey)
{
    g_planner.num_alive -= survey != NULL ? 1 : 0;
    free(survey);
}

enum tc_survey_step tc_survey_next(struct tc_survey *survey, struct tc_question *out)
{
    size_t repeats = g_planner.num_repeats > 0 ? g_planner.num_repeats : 1;
    bool is_over = g_planner.stopped != NULL ||
                   g_planner.num_asked == g_planner.num_plan * repeats ||
                   g_planner.num_asked == g_planner.options.max_connections;
    (void)survey;
    if (is_over) {
        return g_planner.num_out > 0 ? TC_SURVEY_WAIT : TC_SURVEY_DONE;
    }
    const struct fake_question *next = &g_planner.plan[g_planner.num_asked % g_planner.num_plan];
    if (g_planner.num_answers < next->after) {
        require(g_planner.num_out > 0);
        return TC_SURVEY_WAIT;
    }
    g_planner.num_asked++;
    g_planner.num_out++;
    g_planner.most_out =
        g_planner.num_out > g_planner.most_out ? g_planner.num_out : g_planner.most_out;
    *out = next->question;
    out->id = (uint32_t)g_planner.num_asked;
    out->is_split = next->split > 0;
    out->has_follow_up = next->follow_up != NULL;
    return TC_SURVEY_ASK;
}

enum tc_status tc_survey_hello(struct tc_survey *survey, uint32_t id, uint8_t *out, size_t capacity,
                               size_t *out_len, size_t *out_split)
{
    const char *hello = planned(id)->hello != NULL ? planned(id)->hello : k_fake_hello;
    (void)survey;
    require(strlen(hello) <= capacity);
    if (g_planner.hello_fails != TC_OK) {
        return g_planner.hello_fails;
    }
    memcpy(out, hello, strlen(hello));
    *out_len = strlen(hello);
    *out_split = planned(id)->split;
    return TC_OK;
}

enum tc_status tc_survey_follow_up(struct tc_survey *survey, uint32_t id,
                                   const struct tc_flight *flight, uint8_t *out, size_t capacity,
                                   size_t *out_len)
{
    const char *bytes = planned(id)->follow_up;
    (void)survey;
    require(bytes != NULL && flight->state != TC_FLIGHT_READING && strlen(bytes) <= capacity &&
            capacity >= TC_SURVEY_MAX_FOLLOW_UP);
    if (flight->state != TC_FLIGHT_HELLO_DONE) {
        return TC_ERR_RANGE;
    }
    if (g_planner.follow_up_fails != TC_OK) {
        return g_planner.follow_up_fails;
    }
    memcpy(out, bytes, strlen(bytes));
    *out_len = strlen(bytes);
    return TC_OK;
}

static struct fake_answer *hear(uint32_t id, enum tc_answer_end end)
{
    require(g_planner.num_answers < FAKE_PLANNER_MAX && g_planner.num_out > 0);
    struct fake_answer *answer = &g_planner.answers[g_planner.num_answers];
    g_planner.num_answers++;
    g_planner.num_out--;
    *answer = (struct fake_answer){.id = id, .end = end};
    return answer;
}

static struct fake_answer *hear_hello(uint32_t id, enum tc_answer_end end,
                                      const struct tc_flight *flight)
{
    struct fake_answer *answer = hear(id, end);
    require(planned(id)->question.kind == TC_QUESTION_HELLO);
    if (flight != NULL) {
        answer->has_flight = true;
        answer->state = flight->state;
        answer->alert = flight->alert;
        answer->certificates_len = flight->certificates.len;
    }
    return answer;
}

enum tc_survey_chain tc_survey_feed(struct tc_survey *survey, uint32_t id, enum tc_answer_end end,
                                    const struct tc_flight *flight)
{
    (void)survey;
    require(flight != NULL || end == TC_ANSWER_UNREACHED || end == TC_ANSWER_LOCAL);
    (void)hear_hello(id, end, flight);
    return planned(id)->chain;
}

enum tc_survey_chain tc_survey_feed_reply(struct tc_survey *survey, uint32_t id,
                                          const struct tc_flight *flight,
                                          const struct tc_survey_reply *reply)
{
    (void)survey;
    require(planned(id)->follow_up != NULL && flight->state == TC_FLIGHT_HELLO_DONE);
    struct fake_answer *answer = hear_hello(id, reply->end, flight);
    answer->has_reply = true;
    answer->reply = *reply;
    return planned(id)->chain;
}

void tc_survey_feed_http(struct tc_survey *survey, uint32_t id, enum tc_answer_end end,
                         const char *head, size_t head_len)
{
    struct fake_answer *answer = hear(id, end);
    (void)survey;
    require(planned(id)->question.kind == TC_QUESTION_HTTP && (head != NULL || head_len == 0));
    answer->has_head = true;
    answer->head_len = head_len;
    size_t kept = head_len < sizeof answer->head - 1 ? head_len : sizeof answer->head - 1;
    memcpy(answer->head, head != NULL ? head : "", kept);
}

enum tc_survey_chain tc_survey_feed_handshake(struct tc_survey *survey, uint32_t id,
                                              enum tc_answer_end end,
                                              const struct tc_handshake_facts *facts)
{
    (void)survey;
    require(planned(id)->question.kind == TC_QUESTION_HANDSHAKE && facts != NULL);
    hear(id, end)->facts = *facts;
    return planned(id)->chain;
}

void tc_survey_stop(struct tc_survey *survey, const char *reason)
{
    (void)survey;
    g_planner.stopped = reason;
}

unsigned tc_survey_intrusive_connections(unsigned intrusive)
{
    return intrusive != 0 ? FAKE_PLANNER_INTRUSIVE : 0;
}

unsigned tc_survey_connections(const struct tc_survey *survey)
{
    (void)survey;
    return (unsigned)g_planner.num_asked;
}

enum tc_status tc_survey_result(const struct tc_survey *survey, struct tc_features *out)
{
    const struct tc_feature complete = {
        .kind = TC_FEATURE_TRAIT,
        .code = TC_TRAIT_SURVEY_COMPLETE,
        .supported = g_planner.stopped == NULL ? TC_YES : TC_NO,
        .value = TC_FEATURE_NO_VALUE,
    };
    (void)survey;
    require(g_planner.num_out == 0);
    return g_planner.result_fails != TC_OK ? g_planner.result_fails
                                           : tc_features_put(out, &complete);
}
