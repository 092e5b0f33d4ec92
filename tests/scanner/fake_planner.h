/*
 * A planner that asks what a test has written down, and remembers what it hears: linked in place of
 * the real one (tlscensus/survey.h).
 */
#ifndef FAKE_PLANNER_H
#define FAKE_PLANNER_H

#include "tlscensus/survey.h"

#define FAKE_PLANNER_MAX 160
/* What intrusive questions add to the connections, whichever they are. */
#define FAKE_PLANNER_INTRUSIVE 3

/* One question. Its id is its place in the plan, from 1. */
struct fake_question {
    struct tc_question question;
    const char *hello; /* its bytes; NULL: k_fake_hello */
    size_t split;
    const char *follow_up;      /* its bytes */
    enum tc_survey_chain chain; /* what its answer's certificates are called */
    unsigned after;             /* answers that must have been heard before */
};
extern const char k_fake_hello[];

struct fake_answer {
    uint32_t id;
    enum tc_answer_end end;
    bool has_flight;
    enum tc_flight_state state;
    uint8_t alert;
    size_t certificates_len;
    struct tc_handshake_facts facts;
    bool has_reply;
    struct tc_survey_reply reply;
    bool has_head;
    char head[64]; /* its beginning */
    size_t head_len;
};

struct fake_planner {
    /* The test's. */
    const struct fake_question *plan;
    size_t num_plan;
    size_t num_repeats; /* of the whole plan; 0: once */
    enum tc_status new_fails;
    enum tc_status hello_fails;
    enum tc_status follow_up_fails;
    enum tc_status result_fails;
    /* What happened. */
    struct tc_survey_options options;
    char server_name[64];
    struct fake_answer answers[FAKE_PLANNER_MAX];
    size_t num_answers;
    size_t num_asked;
    size_t num_out;
    size_t most_out;
    const char *stopped;
    unsigned num_alive; /* surveys */
};
extern struct fake_planner g_planner;

/* Forgets all, and takes a new plan. */
void fake_planner_reset(const struct fake_question *plan, size_t num_plan);
/* The answer to a question; it must have been heard once. */
const struct fake_answer *fake_planner_answer(uint32_t id);

#endif
