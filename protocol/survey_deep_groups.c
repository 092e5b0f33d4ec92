/*
 * Whose order decides on the group below TLS 1.3. All good groups are offered twice, the choice of
 * the first hello at the end of the second: a server that chooses alike has an order of its own.
 *
 * Then its ranking: what it chooses from a list that shrinks, as far as the track of groups has not
 * seen it already (survey_groups.c).
 */
#include "protocol/survey_internal.h"

enum { STEP_FIRST = 0, STEP_REVERSED, STEP_RANKS, STEP_DONE };

static unsigned count(uint64_t places)
{
    unsigned num = 0;
    for (; places != 0; places &= places - 1) {
        num++;
    }
    return num;
}

static uint64_t places_of(const struct tc_choices *choices)
{
    uint64_t places = 0;
    for (size_t i = 0; i < choices->num; i++) {
        places |= UINT64_C(1) << choices->chosen[i];
    }
    return places;
}

/* ---- the ranking: `choices` of the groups, from the best on ---- */

static void rank_next(struct tc_group_state *groups, size_t place)
{
    tc_choices_add(&groups->choices, place);
    groups->ranked |= UINT64_C(1) << place;
}

/* What is left is in order where the chain has all of it, or it is one group alone. */
static void rank_by_chain(struct tc_group_state *groups)
{
    uint64_t left = groups->yes & ~groups->ranked;
    bool is_chained = (left & ~places_of(&groups->chain)) == 0;
    for (size_t i = 0; i < groups->chain.num && is_chained; i++) {
        if ((left >> groups->chain.chosen[i] & 1) != 0) {
            rank_next(groups, groups->chain.chosen[i]);
        }
    }
    for (size_t i = 0; i < groups->num_known && !is_chained && count(left) == 1; i++) {
        if ((left >> i & 1) != 0) {
            rank_next(groups, i);
        }
    }
}

static void begin_ranking(struct tc_survey *survey, struct tc_track *track, size_t best)
{
    struct tc_group_state *groups = &survey->groups12;
    tc_survey_know(survey, &groups->order, TC_YES);
    groups->choices.num = 0; /* the loop's first choice, of fewer groups: it has ended */
    groups->ranked = 0;
    rank_next(groups, best);
    rank_by_chain(groups);
    track->step = STEP_RANKS;
}

/* ---- the questions ---- */

static enum tc_ask order_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    const struct tc_group_state *groups = &survey->groups12;
    bool on_curve = false;
    (void)out;
    if (track->step == STEP_RANKS) {
        return (groups->yes & ~groups->ranked) != 0 ? TC_ASK_YES : TC_ASK_NEVER;
    }
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
    return tc_bits_any(&suites) && count(groups->yes) > 1 ? TC_ASK_YES : TC_ASK_NEVER;
}

/* `lane` of the track is the place of the first choice. Places that the next hello offers. */
static uint64_t offered_now(const struct tc_group_state *groups, const struct tc_track *track)
{
    return track->step == STEP_RANKS ? groups->yes & ~groups->ranked : groups->yes;
}

static void order_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_group_state *groups = &survey->groups12;
    enum tc_level_index best = tc_survey_best_old_level(survey);
    uint16_t version = survey->levels[best].version;
    uint16_t offered[TC_MAX_GROUPS];
    size_t num = 0;
    bool on_curve = false;
    struct tc_bits suites = tc_survey_ecdhe_suites(survey, best, &on_curve);
    groups->offered = offered_now(groups, track);
    uint64_t last = track->step == STEP_REVERSED ? UINT64_C(1) << track->lane : 0;
    num = tc_groups_add_codes(groups, groups->offered & ~last, offered, num);
    num = tc_groups_add_codes(groups, last, offered, num);
    tc_survey_begin_hello(survey, hello, version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, version, offered, num);
}

/* ---- what answers mean ---- */

static size_t first_known(const struct tc_group_state *groups)
{
    size_t place = 0;
    while (place < groups->num_known && (groups->offered >> place & 1) == 0) {
        place++;
    }
    return place;
}

static void hear_place(struct tc_survey *survey, struct tc_track *track, unsigned step,
                       size_t place)
{
    struct tc_group_state *groups = &survey->groups12;
    if (step == STEP_RANKS) {
        rank_next(groups, place);
        rank_by_chain(groups);
        track->step = STEP_RANKS;
    } else if (step == STEP_REVERSED && place != track->lane) {
        tc_survey_know(survey, &groups->order, TC_NO);
    } else if (step == STEP_REVERSED || place != first_known(groups)) {
        begin_ranking(survey, track, place); /* it passed over what stood first */
    } else {
        track->lane = (unsigned)place;
        track->step = STEP_REVERSED;
    }
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
    if (place == TC_MAX_GROUPS || (groups->offered >> place & 1) == 0) {
        tc_survey_inconsistent(survey, "a group was chosen that was not offered");
        return TC_SURVEY_CHAIN_NONE;
    }
    hear_place(survey, track, step, place);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_order = {
    .name = "group order", .ask = order_ask, .hello = order_hello, .hear = order_hear};

void tc_survey_add_group_order(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_order); /* a full list has said so already */
}
