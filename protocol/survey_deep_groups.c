/*
 * Whose order decides on the group below TLS 1.3. All good groups are offered twice, the choice of
 * the first hello at the end of the second: a server that chooses alike has an order of its own.
 */
#include "protocol/survey_internal.h"

enum { STEP_FIRST = 0, STEP_REVERSED, STEP_DONE };

static unsigned num_known(const struct tc_group_state *groups)
{
    unsigned num = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        num += (groups->yes >> i & 1) != 0 ? 1 : 0;
    }
    return num;
}

static enum tc_ask order_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    const struct tc_group_state *groups = &survey->groups12;
    bool on_curve = false;
    (void)out;
    if (track->step == STEP_DONE || groups->order.value != TC_UNKNOWN) {
        return TC_ASK_NEVER;
    }
    enum tc_ask answer = tc_survey_ask_old(survey);
    if (answer != TC_ASK_YES) {
        return answer;
    }
    if (!tc_track_is_done(survey->groups12_track)) {
        return TC_ASK_LATER; /* which groups there are comes first */
    }
    struct tc_bits suites =
        tc_survey_ecdhe_suites(survey, tc_survey_best_old_level(survey), &on_curve);
    return tc_bits_any(&suites) && num_known(groups) > 1 ? TC_ASK_YES : TC_ASK_NEVER;
}

/* `lane` of the track is the place of the first choice. */
static void order_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_group_state *groups = &survey->groups12;
    enum tc_level_index best = tc_survey_best_old_level(survey);
    uint16_t version = survey->levels[best].version;
    uint16_t offered[TC_MAX_GROUPS];
    size_t num = 0;
    bool on_curve = false;
    struct tc_bits suites = tc_survey_ecdhe_suites(survey, best, &on_curve);
    for (size_t i = 0; i < groups->num_known; i++) {
        bool is_first = track->step == STEP_REVERSED && i == track->lane;
        if ((groups->yes >> i & 1) != 0 && !is_first) {
            offered[num] = groups->known[i]->code;
            num++;
        }
    }
    if (track->step == STEP_REVERSED) {
        offered[num] = groups->known[track->lane]->code;
        num++;
    }
    tc_survey_begin_hello(survey, hello, version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, version, offered, num);
}

static size_t first_known(const struct tc_group_state *groups)
{
    size_t place = 0;
    while (place < groups->num_known && (groups->yes >> place & 1) == 0) {
        place++;
    }
    return place;
}

static enum tc_survey_chain order_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_group_state *groups = &survey->groups12;
    unsigned step = track->step;
    track->step = STEP_DONE;
    if (verdict != TC_VERDICT_ACCEPTED || answer->flight->exchange != TC_EXCHANGE_ECDHE) {
        return TC_SURVEY_CHAIN_NONE;
    }
    size_t place = tc_groups_place(groups, answer->flight->group);
    if (place == TC_MAX_GROUPS || (groups->yes >> place & 1) == 0) {
        return TC_SURVEY_CHAIN_NONE; /* not one of those on offer */
    }
    if (step == STEP_REVERSED) {
        tc_survey_know(survey, &groups->order, place == track->lane ? TC_YES : TC_NO);
    } else if (place != first_known(groups)) {
        tc_survey_know(survey, &groups->order, TC_YES); /* it passed over what stood first */
    } else {
        track->lane = (unsigned)place;
        track->step = STEP_REVERSED;
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_order = {
    .name = "group order", .ask = order_ask, .hello = order_hello, .hear = order_hear};

void tc_survey_add_group_order(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_order); /* a full list has said so already */
}
