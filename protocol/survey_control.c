/*
 * The control hello: one that is known to be good. It tells a server that refuses from one that has
 * stopped answering; and since it is the first hello of a loop once more, it tells whether equal
 * questions get equal answers.
 */
#include "protocol/survey_internal.h"

static const char k_other_version[] = "the same hello got another version later";

static enum tc_ask control_ask(struct tc_survey *survey, struct tc_track *track,
                               struct tc_question *out)
{
    (void)track;
    (void)out;
    return survey->control_version == 0 ? TC_ASK_NEVER : TC_ASK_YES;
}

/* The groups that a first hello below TLS 1.3 has, in the order of their list. */
static size_t asked_groups12(const struct tc_survey *survey, uint16_t out[TC_MAX_GROUPS])
{
    const struct tc_group_state *state = &survey->groups12;
    size_t num = 0;
    for (size_t i = 0; i < state->num_known; i++) {
        if (survey->options.depth == TC_SURVEY_DEEP || state->known[i]->is_common) {
            out[num] = state->known[i]->code;
            num++;
        }
    }
    return num;
}

static size_t ranked_groups13(const struct tc_survey *survey, uint16_t out[TC_MAX_GROUPS])
{
    const struct tc_group_state *state = &survey->groups13;
    size_t num = 0;
    for (size_t i = 0; i < state->num_known; i++) {
        if ((state->ranked >> i & 1) != 0) {
            out[num] = state->known[i]->code;
            num++;
        }
    }
    return num;
}

/* The first hello of that version's loop once more, so that the answers can be compared. */
static void first_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *out)
{
    enum tc_level_index index = tc_level_of(survey->control_version);
    const struct tc_level *level = &survey->levels[index];
    uint16_t groups[TC_MAX_GROUPS];
    (void)track;
    tc_survey_begin_hello(survey, out, level->version);
    tc_survey_add_suites(survey, out, &level->ranked, false);
    if (index == TC_LEVEL_TLS1_3) {
        tc_survey_end_tls13_loop_hello(survey, out, groups, ranked_groups13(survey, groups));
        return;
    }
    if (index != TC_LEVEL_SSL3) {
        tc_survey_add_name(survey, out, TC_HELLO_OWN_NAME);
    }
    tc_survey_end_old_hello(survey, out, level->version, groups, asked_groups12(survey, groups));
}

/* Below TLS 1.3 the first had riders, which some mind: only what is good is offered there. */
static bool is_first(const struct tc_survey *survey)
{
    return survey->control_version == TC_TLS1_3 && survey->levels[TC_LEVEL_TLS1_3].choices.num > 0;
}

static void control_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *out)
{
    if (is_first(survey)) {
        first_hello(survey, track, out);
    } else {
        tc_survey_plain_hello(survey, out, tc_level_of(survey->control_version), TC_HELLO_OWN_NAME);
    }
}

/* Equal questions, and all that is compared is what the loop has heard first. */
static void compare_with_first(struct tc_survey *survey, const struct tc_flight *flight)
{
    enum tc_level_index index = tc_level_of(survey->control_version);
    const struct tc_level *level = &survey->levels[index];
    const struct tc_group_state *groups = &survey->groups13;
    if (flight->version != survey->control_version) {
        tc_survey_inconsistent(survey, k_other_version);
    } else if (tc_survey_place(survey, flight->suite) != level->choices.chosen[0]) {
        tc_survey_inconsistent(survey, "the same hello got another suite later");
    } else if (index == TC_LEVEL_TLS1_3 && groups->choices.num > 0 &&
               tc_groups_place(groups, flight->group) != groups->choices.chosen[0]) {
        tc_survey_inconsistent(survey, "the same hello got another group later");
    } else if (survey->traits[TC_TRAIT_CONSISTENT].value != TC_NO) {
        tc_survey_trait(survey, TC_TRAIT_CONSISTENT, TC_YES);
    }
}

static enum tc_survey_chain control_hear(struct tc_survey *survey, struct tc_track *track,
                                         enum tc_verdict verdict, const struct tc_answer *answer)
{
    (void)track;
    if (verdict != TC_VERDICT_ACCEPTED) {
        tc_survey_stop(survey, "the server stopped answering hellos that it had answered before");
        return TC_SURVEY_CHAIN_NONE;
    }
    if (is_first(survey)) {
        compare_with_first(survey, answer->flight);
    } else if (answer->flight->version != survey->control_version) {
        tc_survey_inconsistent(survey, k_other_version);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_control = {
    .name = "control", .ask = control_ask, .hello = control_hello, .hear = control_hear};

void tc_survey_init_control(struct tc_survey *survey)
{
    survey->control.kind = &k_control;
}

/*
 * ---- the same in between, when the lists have ended: who answers by turns is met by the other
 * number ----
 */

static enum tc_ask repetition_ask(struct tc_survey *survey, struct tc_track *track,
                                  struct tc_question *out)
{
    const struct tc_level *level = &survey->levels[tc_level_of(survey->control_version)];
    (void)out;
    if (track->step > 0) {
        return TC_ASK_NEVER;
    }
    if (survey->control_version == 0 || tc_survey_lists_are_open(survey)) {
        return TC_ASK_LATER;
    }
    if (level->choices.num == 0) { /* its loop has asked nothing */
        return TC_ASK_NEVER;
    }
    bool is_other_turn = (survey->asked + 1) % 2 != level->first_id % 2;
    return is_other_turn || track->state != TC_TRACK_IDLE ? TC_ASK_YES : TC_ASK_LATER;
}

static enum tc_survey_chain repetition_hear(struct tc_survey *survey, struct tc_track *track,
                                            enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict == TC_VERDICT_ACCEPTED) { /* else something in it may be minded: the riders lack */
        compare_with_first(survey, answer->flight);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_repetition = {
    .name = "repetition", .ask = repetition_ask, .hello = first_hello, .hear = repetition_hear};

void tc_survey_add_repetition(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_repetition); /* a full list has said so already */
}
