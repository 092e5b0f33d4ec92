/*
 * The control hello: one that is known to be good. It tells a server that refuses from one that has
 * stopped answering. At TLS 1.3 it is the first hello of the loop once more, and a repetition is so
 * in every version: they tell whether equal questions get equal answers.
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

/* The first hello of that version's loop once more, so that the answers can be compared. */
static void first_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *out)
{
    enum tc_level_index index = tc_level_of(survey->control_version);
    const struct tc_level *level = &survey->levels[index];
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = 0;
    (void)track;
    tc_survey_begin_hello(survey, out, level->version);
    tc_survey_add_suites(survey, out, &level->ranked, false);
    if (index == TC_LEVEL_TLS1_3) {
        num_groups = tc_groups_add_codes(&survey->groups13, survey->groups13.ranked, groups, 0);
        tc_survey_end_tls13_loop_hello(survey, out, groups, num_groups);
        return;
    }
    if (index != TC_LEVEL_SSL3) {
        tc_survey_add_name(survey, out, TC_HELLO_OWN_NAME);
    }
    num_groups = tc_groups_add_codes(&survey->groups12,
                                     tc_survey_asked_groups(survey, &survey->groups12), groups, 0);
    tc_survey_end_old_hello(survey, out, level->version, groups, num_groups);
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

/* Equal questions, and all that is compared is what the loop has heard first. Equal answers prove
 * nothing. */
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

/* Whether there is a first hello, and it was not yet asked once more. */
static bool can_repeat(const struct tc_survey *survey, const struct tc_track *track)
{
    return track->step == 0 && survey->control_version != 0 &&
           survey->levels[tc_level_of(survey->control_version)].choices.num > 0;
}

static enum tc_ask repetition_ask(struct tc_survey *survey, struct tc_track *track,
                                  struct tc_question *out)
{
    const struct tc_level *level = &survey->levels[tc_level_of(survey->control_version)];
    (void)out;
    if (track->step > 0) {
        return TC_ASK_NEVER;
    }
    if (!can_repeat(survey, track) || tc_survey_lists_are_open(survey)) {
        return TC_ASK_LATER;
    }
    bool is_other_turn = (survey->asked + 1) % 2 != level->first_id % 2;
    return is_other_turn || track->state != TC_TRACK_IDLE ? TC_ASK_YES : TC_ASK_LATER;
}

static enum tc_survey_chain repetition_hear(struct tc_survey *survey, struct tc_track *track,
                                            enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict == TC_VERDICT_ACCEPTED) {
        compare_with_first(survey, answer->flight);
    } else if (verdict == TC_VERDICT_REFUSED && is_first(survey)) { /* else it may mind that the
                                                                       riders lack */
        tc_survey_inconsistent(survey, "the same hello was refused later");
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_repetition = {
    .name = "repetition", .ask = repetition_ask, .hello = first_hello, .hear = repetition_hear};

void tc_survey_add_repetition(struct tc_survey *survey)
{
    survey->repetition = tc_survey_add_track(survey, &k_repetition);
}

bool tc_survey_is_repetition_due(const struct tc_survey *survey)
{
    const struct tc_track *track = survey->repetition;
    return track != NULL && track->state == TC_TRACK_IDLE && tc_survey_may_ask(survey, track) &&
           can_repeat(survey, track);
}
