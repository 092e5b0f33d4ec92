/*
 * The finite fields of TLS 1.3 (RFC 7919) in a lane of their own, beside the loop over all groups
 * (survey_tls13.c): some servers take five of them, and each costs a round trip. The loop's ranking
 * ends with the finite field that the server likes best; the lane's goes on from there.
 */
#include "protocol/survey_internal.h"

/* The lane's end costs a connection, which is not worth it where the others keep two busy. */
#define MIN_PARALLEL 3

uint64_t tc_survey_finite_groups13(const struct tc_survey *survey)
{
    const struct tc_group_state *groups = &survey->groups13;
    uint64_t finite = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if (groups->known[i]->kind == TC_GROUP_FFDHE) {
            finite |= UINT64_C(1) << i;
        }
    }
    return finite & tc_survey_asked_groups(survey, groups);
}

/* Whether both have come to their end, and were told the same. */
static bool is_whole(const struct tc_group_state *groups)
{
    return groups->main_is_done && groups->finite_left == 0 && !groups->is_contradictory;
}

/* The loop has met a finite field, and behind it no curve: what the lane found comes next. */
void tc_survey_rank_groups13(struct tc_survey *survey)
{
    struct tc_group_state *groups = &survey->groups13;
    struct tc_choices *finite = &groups->finite_choices;
    struct tc_choices *choices = &groups->choices;
    if (!is_whole(groups) || groups->order.value != TC_YES || groups->is_mixed ||
        finite->num == 0 || choices->num == 0) {
        return;
    }
    if (choices->chosen[choices->num - 1] != finite->chosen[0]) {
        tc_survey_inconsistent(survey, "TLS 1.3: groups were preferred differently later");
        return;
    }
    for (size_t i = 1; i < finite->num; i++) {
        tc_choices_add(choices, finite->chosen[i]);
    }
    finite->num = 0; /* whichever is the last to call */
}

void tc_survey_end_groups13(struct tc_survey *survey)
{
    if (is_whole(&survey->groups13)) {
        tc_survey_rank_groups13(survey);
        tc_survey_know(survey, &survey->groups13.complete, TC_YES);
    }
}

static enum tc_ask finite_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    struct tc_group_state *groups = &survey->groups13;
    const struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    (void)out;
    if (track->step > 0) {
        groups->finite_offered = groups->finite_left;
        return groups->finite_left == 0 ? TC_ASK_NEVER : TC_ASK_YES;
    }
    if (level->choices.num == 0 && !level->is_decided) {
        return TC_ASK_LATER;
    }
    /* Who wants a real key is asked with X25519 alone; and the loop may have got here before. */
    if (level->choices.num == 0 || survey->options.parallel < MIN_PARALLEL ||
        groups->finite_chosen || groups->main_is_done || survey->share13 == TC_SHARE_X25519) {
        return TC_ASK_NEVER;
    }
    groups->finite_left = groups->left & tc_survey_finite_groups13(survey);
    groups->finite_offered = groups->finite_left;
    track->step = 1;
    return groups->finite_left == 0 ? TC_ASK_NEVER : TC_ASK_YES;
}

static void finite_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_group_state *state = &survey->groups13;
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = tc_groups_add_codes(state, state->finite_offered, groups, 0);
    (void)track;
    tc_survey_begin_hello(survey, hello, TC_TLS1_3);
    tc_survey_add_suites(survey, hello, &survey->levels[TC_LEVEL_TLS1_3].yes, false);
    tc_survey_end_tls13_loop_hello(survey, hello, groups, num_groups);
}

static void end_lane(struct tc_survey *survey)
{
    survey->groups13.finite_left = 0;
    survey->groups13.finite_is_done = true;
    tc_survey_end_groups13(survey);
}

static enum tc_survey_chain finite_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_group_state *groups = &survey->groups13;
    if (verdict == TC_VERDICT_UNCLEAR) { /* what is left of them stays open, and so the list */
        track->state = TC_TRACK_DONE;
        return TC_SURVEY_CHAIN_NONE;
    }
    if (verdict == TC_VERDICT_REFUSED) {
        end_lane(survey);
        return TC_SURVEY_CHAIN_NONE;
    }
    size_t place = tc_groups_place(groups, answer->flight->group);
    if (answer->flight->version != TC_TLS1_3 || place == TC_MAX_GROUPS ||
        (groups->finite_offered >> place & 1) == 0) {
        track->state = TC_TRACK_DONE;
        tc_survey_inconsistent(survey, "TLS 1.3: something was chosen that was not offered");
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_take_group(survey, groups, place);
    groups->finite_left &= ~(UINT64_C(1) << place);
    tc_choices_add(&groups->finite_choices, place);
    if (groups->finite_left == 0) {
        end_lane(survey);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_finite = {.name = "finite fields at TLS 1.3",
                                              .ask = finite_ask,
                                              .hello = finite_hello,
                                              .hear = finite_hear,
                                              .comes_first = true};

void tc_survey_add_finite13(struct tc_survey *survey)
{
    struct tc_track *track = tc_survey_add_track(survey, &k_finite);
    if (track != NULL) { /* a full list has said so already */
        track->level = TC_LEVEL_TLS1_3;
    }
}
