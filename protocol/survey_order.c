/*
 * Whose order counts, the client's or the server's: the first hello of a version once more, against
 * its order. A server that chooses alike has an order of its own, and what it chooses from a list
 * that shrinks is its ranking. The loops go on meanwhile (survey_suites.c, survey_tls13.c).
 */
#include "protocol/survey_internal.h"

static const char k_one_order[] = "the same lists were accepted in one order only";

/* The suites that were on offer first, the one that was chosen at the very end. */
static void add_reversed_suites(const struct tc_survey *survey, const struct tc_level *level,
                                struct tc_hello *hello)
{
    struct tc_bits offered = level->ranked;
    size_t first = level->choices.chosen[0];
    tc_bits_clear(&offered, first);
    tc_survey_add_suites(survey, hello, &offered, true);
    tc_hello_add_suite(hello, (uint16_t)survey->candidates[first]->code);
}

/* Not before the first hello's answer: without one there is nothing to compare with. */
static enum tc_ask order_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    const struct tc_level *level = &survey->levels[track->level];
    if (track->step > 0 || (level->is_decided && level->supported.value == TC_NO)) {
        return TC_ASK_NEVER;
    }
    if (level->choices.num == 0) {
        bool is_over = track->level == TC_LEVEL_TLS1_3 ? level->is_decided : level->lanes_open == 0;
        return is_over ? TC_ASK_NEVER : TC_ASK_LATER;
    }
    out->keeps_certificates = track->level != TC_LEVEL_TLS1_3;
    return TC_ASK_YES;
}

static enum tc_survey_chain without_choice(struct tc_survey *survey, struct tc_track *track,
                                           const char *how)
{
    track->state = TC_TRACK_DONE;
    tc_survey_inconsistent(survey, how);
    return TC_SURVEY_CHAIN_NONE;
}

/* What the reversed list got, beside what its list had got before. */
static void compare_suites(struct tc_survey *survey, struct tc_level *level, size_t place)
{
    bool is_first = place == level->choices.chosen[0];
    tc_survey_know(survey, &level->order, is_first ? TC_YES : TC_NO);
    tc_survey_take_suite(survey, level, place);
}

/* ---- SSL 3.0 to TLS 1.2 ---- */

/* Nothing rides along but groups, and no ticket is asked for: so it also tells of session ids. */
static void old_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_level *level = &survey->levels[track->level];
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = 0;
    tc_survey_begin_hello(survey, hello, level->version);
    add_reversed_suites(survey, level, hello);
    if (level->version != TC_SSL3) {
        tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
        num_groups = tc_survey_riding_groups(survey, groups);
    }
    tc_survey_end_old_hello(survey, hello, level->version, num_groups > 0 ? groups : NULL,
                            num_groups);
}

static enum tc_survey_chain old_hear(struct tc_survey *survey, struct tc_track *track,
                                     enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[track->level];
    track->step = 1;
    if (verdict == TC_VERDICT_UNCLEAR) {
        return TC_SURVEY_CHAIN_NONE; /* whose order it is stays open, the list does not */
    }
    if (verdict == TC_VERDICT_REFUSED) {
        tc_survey_not_measured(survey, k_one_order);
        return TC_SURVEY_CHAIN_NONE;
    }
    size_t place = tc_survey_place(survey, answer->flight->suite);
    if (answer->flight->version != level->version) {
        return without_choice(survey, track, "a version was chosen that was not offered");
    }
    if (place == TC_MAX_CANDIDATES || !tc_bits_get(&level->ranked, place)) {
        return without_choice(survey, track, "a suite was chosen that was not offered");
    }
    compare_suites(survey, level, place);
    if (level->version != TC_SSL3 && survey->gives_session_ids == TC_UNKNOWN) {
        tc_survey_read_session_id(survey, answer->flight);
    }
    return tc_survey_read_flight(survey, answer->flight, false);
}

static const struct tc_track_kind k_old_order = {.name = "order of suites",
                                                 .ask = order_ask,
                                                 .hello = old_hello,
                                                 .hear = old_hear,
                                                 .comes_first = true};

/* ---- TLS 1.3: suites and groups in one ---- */

static void tls13_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_group_state *state = &survey->groups13;
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = 0;
    size_t first = state->choices.chosen[0];
    for (size_t i = state->num_known; i-- > 0;) {
        if ((state->ranked >> i & 1) != 0 && i != first) {
            groups[num_groups] = state->known[i]->code;
            num_groups++;
        }
    }
    groups[num_groups] = state->known[first]->code;
    num_groups++;
    (void)track;
    tc_survey_begin_hello(survey, hello, TC_TLS1_3);
    add_reversed_suites(survey, &survey->levels[TC_LEVEL_TLS1_3], hello);
    tc_survey_end_tls13_loop_hello(survey, hello, groups, num_groups);
}

static void compare_groups(struct tc_survey *survey, size_t place)
{
    struct tc_group_state *groups = &survey->groups13;
    if (survey->share13 != TC_SHARE_X25519) { /* else the group of the share may be liked better */
        tc_survey_know(survey, &groups->order, place == groups->choices.chosen[0] ? TC_YES : TC_NO);
    }
    tc_survey_take_group(survey, groups, place);
    tc_survey_rank_groups13(survey);
}

static enum tc_survey_chain tls13_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    struct tc_group_state *groups = &survey->groups13;
    track->step = 1;
    if (verdict == TC_VERDICT_UNCLEAR) {
        return TC_SURVEY_CHAIN_NONE;
    }
    if (verdict == TC_VERDICT_REFUSED) {
        tc_survey_not_measured(survey, k_one_order);
        return TC_SURVEY_CHAIN_NONE;
    }
    size_t suite = tc_survey_place(survey, answer->flight->suite);
    size_t group = tc_groups_place(groups, answer->flight->group);
    if (answer->flight->version != TC_TLS1_3 || suite == TC_MAX_CANDIDATES ||
        group == TC_MAX_GROUPS || !tc_bits_get(&level->ranked, suite) ||
        (groups->ranked >> group & 1) == 0) {
        return without_choice(survey, track, "TLS 1.3: something was chosen that was not offered");
    }
    compare_suites(survey, level, suite);
    compare_groups(survey, group);
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_tls13_order = {.name = "order at TLS 1.3",
                                                   .ask = order_ask,
                                                   .hello = tls13_hello,
                                                   .hear = tls13_hear,
                                                   .comes_first = true};

void tc_survey_add_orders(struct tc_survey *survey)
{
    for (int index = TC_LEVEL_TLS1_3; index >= TC_LEVEL_SSL3; index--) {
        struct tc_track *track =
            tc_survey_add_track(survey, index == TC_LEVEL_TLS1_3 ? &k_tls13_order : &k_old_order);
        if (track != NULL) {
            track->level = (unsigned)index;
        }
    }
}
