/* Groups that the last survey did not find: to be refused, in TLS 1.3 and below. */
#include "protocol/survey_confirm.h"

/* As in a survey (survey_groups.c): alone, and where an ECDSA leaf may be why these were refused,
 * before its curve. */
enum { STEP_ALONE = 0, STEP_BEFORE_CURVES, STEP_DONE };

static size_t new_groups(const struct tc_survey *survey, const struct tc_group_state *groups,
                         uint16_t version, uint16_t out[TC_MAX_GROUPS])
{
    uint64_t known = tc_survey_previous_groups(survey, groups, version);
    return tc_groups_add_codes(groups, tc_survey_asked_groups(survey, groups) & ~known, out, 0);
}

/* Good suites of the last survey with ECDHE, of the kind of leaf that hinders least. */
static struct tc_bits ecdhe_suites(const struct tc_survey *survey, size_t level, bool *out_on_curve)
{
    struct tc_bits suites = tc_survey_previous_suites(survey, level);
    return tc_survey_ecdhe_of(survey, &suites, out_on_curve);
}

/* The known curves that such a leaf may need; none in TLS 1.3. */
static size_t add_leaf_curves(const struct tc_survey *survey, const struct tc_track *track,
                              uint16_t out[TC_MAX_GROUPS], size_t num)
{
    const struct tc_group_state *groups = &survey->groups12;
    uint64_t known = tc_survey_previous_groups(survey, groups, TC_TLS1_2);
    bool on_curve = false;
    (void)ecdhe_suites(survey, track->level, &on_curve);
    on_curve = on_curve && track->level != TC_LEVEL_TLS1_3;
    for (size_t i = 0; i < groups->num_known && on_curve; i++) {
        uint16_t code = groups->known[i]->code;
        if ((known >> i & 1) != 0 && tc_survey_is_leaf_curve(code)) {
            out[num] = code;
            num++;
        }
    }
    return num;
}

/*
 * One library has one list of groups for all versions: where what TLS 1.3 and TLS 1.2 have in
 * common is the same, the answers of TLS 1.3 speak for both. So they do where only the curve of an
 * ECDSA leaf can be why TLS 1.2 has fewer.
 */
static bool groups_are_alike(const struct tc_survey *survey, size_t level)
{
    bool may_hide = false;
    (void)ecdhe_suites(survey, level, &may_hide);
    const struct tc_group_state *new = &survey->groups13;
    const struct tc_group_state *old = &survey->groups12;
    uint64_t in_new = tc_survey_previous_groups(survey, new, TC_TLS1_3);
    uint64_t in_old = tc_survey_previous_groups(survey, old, TC_TLS1_2);
    uint64_t asked = tc_survey_asked_groups(survey, old);
    for (size_t i = 0; i < old->num_known; i++) {
        size_t place = tc_groups_place(new, old->known[i]->code);
        bool is_old = (in_old >> i & 1) != 0;
        if (place < TC_MAX_GROUPS && (asked >> i & 1) != 0 &&
            is_old != ((in_new >> place & 1) != 0) && (is_old || !may_hide)) {
            return false;
        }
    }
    return tc_survey_previously_spoken(survey, TC_LEVEL_TLS1_3);
}

/* Below TLS 1.3: where its answers cannot speak for them. */
static enum tc_ask old_groups_ask(struct tc_survey *survey, const struct tc_track *track)
{
    if (tc_confirm_known_is_open(survey, track->level)) {
        return TC_ASK_LATER;
    }
    if (groups_are_alike(survey, track->level) && !survey->tls13_has_moved) {
        return tc_confirm_is_open(survey, TC_LEVEL_TLS1_3) ? TC_ASK_LATER : TC_ASK_NEVER;
    }
    bool on_curve = false;
    struct tc_bits suites = ecdhe_suites(survey, track->level, &on_curve);
    survey->has_moved = survey->has_moved || !tc_bits_any(&suites); /* nobody can ask */
    return survey->has_moved ? TC_ASK_NEVER : TC_ASK_YES;
}

static enum tc_ask groups_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    bool is_new = track->level == TC_LEVEL_TLS1_3;
    uint16_t codes[TC_MAX_GROUPS];
    (void)out;
    size_t num = is_new ? new_groups(survey, &survey->groups13, TC_TLS1_3, codes)
                        : new_groups(survey, &survey->groups12, TC_TLS1_2, codes);
    if (tc_confirm_is_over(survey, track) || track->step == STEP_DONE || num == 0) {
        return TC_ASK_NEVER;
    }
    if (!is_new) {
        return old_groups_ask(survey, track);
    }
    return tc_confirm_known_is_open(survey, track->level) ? TC_ASK_LATER : TC_ASK_YES;
}

static void groups_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint16_t codes[TC_MAX_GROUPS];
    struct tc_offer suites;
    if (track->level == TC_LEVEL_TLS1_3) {
        struct tc_bits known = tc_survey_previous_suites(survey, track->level);
        tc_offer_suites(survey, track->level, &known, &suites);
        size_t num = new_groups(survey, &survey->groups13, TC_TLS1_3, codes);
        tc_confirm_write_hello13(survey, hello, &suites, codes, num);
        return;
    }
    bool on_curve = false;
    struct tc_bits known = ecdhe_suites(survey, track->level, &on_curve);
    tc_offer_suites(survey, track->level, &known, &suites);
    size_t num = new_groups(survey, &survey->groups12, TC_TLS1_2, codes);
    num = track->step == STEP_ALONE ? num : add_leaf_curves(survey, track, codes, num);
    tc_confirm_begin_hello(survey, hello, track->level, &suites);
    tc_survey_end_old_hello(survey, hello, survey->levels[track->level].version, codes, num);
}

/* Whether one of these was chosen, as it was where there is nothing else to be had. */
static bool is_one_of(const uint16_t *curves, size_t num, const struct tc_track *track,
                      const struct tc_answer *answer)
{
    for (size_t i = 0; i < num; i++) {
        if (tc_level_of(answer->flight->version) == track->level &&
            answer->flight->group == curves[i]) {
            return true;
        }
    }
    return false;
}

static enum tc_survey_chain groups_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    uint16_t curves[TC_MAX_GROUPS];
    size_t num = add_leaf_curves(survey, track, curves, 0);
    bool was_alone = track->step == STEP_ALONE;
    track->step = was_alone && num > 0 ? STEP_BEFORE_CURVES : STEP_DONE;
    if (verdict == TC_VERDICT_REFUSED) { /* a known curve is not refused */
        return was_alone ? TC_SURVEY_CHAIN_NONE : tc_confirm_moved(survey, track);
    }
    if (verdict == TC_VERDICT_ACCEPTED && !was_alone && is_one_of(curves, num, track, answer)) {
        track->step = STEP_DONE;
        return TC_SURVEY_CHAIN_NONE;
    }
    return tc_confirm_grown(survey, track, verdict == TC_VERDICT_ACCEPTED ? answer->flight : NULL);
}

static const struct tc_track_kind k_groups = {
    .name = "new groups", .ask = groups_ask, .hello = groups_hello, .hear = groups_hear};

void tc_confirm_add_groups(struct tc_survey *survey, size_t level)
{
    (void)tc_confirm_add(survey, &k_groups, level);
}
