/*
 * Groups of TLS 1.2 and below, beyond those that the loop's answers have shown: good ECDHE suites
 * alone, and only groups that are undecided, until refused. (RFC 8422 section 5.1.1)
 *
 * Some stacks refuse an ECDSA leaf whose curve is not on offer. A server that follows our order is
 * asked with all known curves of leaves at the end, which it takes where it has nothing else left.
 * Any other might take them for ever, so it is asked without; and where it then refuses, again with
 * one of them. If it takes that one, the list is complete: either the refusal was not about the
 * leaf, or that curve is the leaf's, has to be on offer, and is liked better than all that is left,
 * which nobody can get then. If it refuses that as well, it wants another one.
 */
#include "protocol/survey_internal.h"

enum {
    STEP_ALONE = 0,
    STEP_ONE_CURVE, /* refused, and it may have been about the leaf */
    STEP_ALL_CURVES /* the server follows our order */
};

/* secp256r1, secp384r1, secp521r1 */
static const uint16_t k_leaf_curves[] = {0x0017, 0x0018, 0x0019};

bool tc_survey_is_leaf_curve(uint16_t group)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_leaf_curves); i++) {
        if (k_leaf_curves[i] == group) {
            return true;
        }
    }
    return false;
}

struct tc_bits tc_survey_ecdhe_of(const struct tc_survey *survey, const struct tc_bits *which,
                                  bool *out_has_leaf_on_curve)
{
    /* Whose groups do not depend on a leaf come first. */
    static const enum tc_auth order[] = {TC_AUTH_RSA, TC_AUTH_ANON, TC_AUTH_ECDSA};
    struct tc_bits suites = {{0}};
    for (size_t turn = 0; turn < TC_ARRAY_LEN(order) && !tc_bits_any(&suites); turn++) {
        for (size_t i = 0; i < survey->num_candidates; i++) {
            const struct tc_suite *suite = survey->candidates[i];
            if (tc_bits_get(which, i) && suite->kx == TC_KX_ECDHE && suite->auth == order[turn]) {
                tc_bits_set(&suites, i);
            }
        }
        *out_has_leaf_on_curve = order[turn] == TC_AUTH_ECDSA;
    }
    return suites;
}

struct tc_bits tc_survey_ecdhe_suites(const struct tc_survey *survey, enum tc_level_index index,
                                      bool *out_has_leaf_on_curve)
{
    return tc_survey_ecdhe_of(survey, &survey->levels[index].yes, out_has_leaf_on_curve);
}

/* ---- when it asks, and with what at the end ---- */

/*
 * The loop's answers tell groups for nothing, as long as they tell new ones. They need not have
 * ended where no leaf's curve can get in the way.
 */
static bool may_begin(const struct tc_survey *survey)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    bool on_curve = false;
    if (!survey->groups12.passes_over || best == TC_LEVEL_COUNT ||
        !tc_survey_is_highest(survey, best)) {
        return false;
    }
    struct tc_bits suites = tc_survey_ecdhe_suites(survey, best, &on_curve);
    return tc_bits_any(&suites) && !on_curve;
}

/* Whether suites are still asked for in versions whose leaf may be another one. */
static bool are_older_open(const struct tc_survey *survey)
{
    for (size_t i = TC_LEVEL_TLS1; i < TC_LEVEL_TLS1_2; i++) {
        if (survey->levels[i].lanes_open > 0) {
            return true;
        }
    }
    return false;
}

/* Where it asks: the best version, unless its leaf may be in the way and an older one shows another
 * leaf. One library has one list of groups for all of them. */
static enum tc_level_index level_to_ask(const struct tc_survey *survey, unsigned step)
{
    for (int i = TC_LEVEL_TLS1_1; i >= TC_LEVEL_TLS1 && step == STEP_ONE_CURVE; i--) {
        bool on_curve = false;
        struct tc_bits suites = tc_survey_ecdhe_suites(survey, (enum tc_level_index)i, &on_curve);
        if (tc_bits_any(&suites) && !on_curve) {
            return (enum tc_level_index)i;
        }
    }
    return tc_survey_best_old_level(survey);
}

/* The known curves of leaves that this step has not met yet. Bits are places of groups. */
static uint64_t curves_to_try(const struct tc_survey *survey, const struct tc_track *track)
{
    const struct tc_group_state *groups = &survey->groups12;
    uint64_t curves = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if (tc_survey_is_leaf_curve(groups->known[i]->code) && !tc_bits_get(&track->left, i)) {
            curves |= UINT64_C(1) << i;
        }
    }
    return curves & groups->yes;
}

/* Sets what the next hello offers, and what stands at its end: `groups->at_end`. */
static void set_offer(struct tc_survey *survey, struct tc_track *track, bool on_curve)
{
    struct tc_group_state *groups = &survey->groups12;
    uint64_t curves = on_curve ? curves_to_try(survey, track) : 0;
    if (on_curve && groups->order.value == TC_NO) {
        track->step = STEP_ALL_CURVES;
    }
    groups->offered = groups->left & tc_survey_asked_groups(survey, groups);
    groups->at_end = track->step == STEP_ALL_CURVES ? curves
                     : track->step == STEP_ONE_CURVE
                         ? curves & (~curves + 1) /* the first of them */
                         : 0;
    groups->at_end &= ~groups->offered;
}

static enum tc_ask groups_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    struct tc_group_state *groups = &survey->groups12;
    (void)out;
    enum tc_ask answer = tc_survey_ask_old(survey);
    if (answer == TC_ASK_LATER && may_begin(survey)) {
        answer = TC_ASK_YES;
    }
    if (answer != TC_ASK_YES || track->state == TC_TRACK_AGAIN) {
        return answer;
    }
    if (track->step == STEP_ONE_CURVE && are_older_open(survey)) {
        return TC_ASK_LATER;
    }
    bool on_curve = false;
    track->level = level_to_ask(survey, track->step);
    struct tc_bits suites =
        tc_survey_ecdhe_suites(survey, (enum tc_level_index)track->level, &on_curve);
    if (!tc_bits_any(&suites) || groups->complete.value == TC_YES) {
        return TC_ASK_NEVER;
    }
    track->lane = on_curve ? track->lane : 1;
    set_offer(survey, track, on_curve);
    if (groups->offered != 0) {
        return TC_ASK_YES;
    }
    tc_survey_know(survey, &groups->complete, TC_YES);
    return TC_ASK_NEVER;
}

static void groups_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_group_state *groups = &survey->groups12;
    uint16_t version = survey->levels[track->level].version;
    bool on_curve = false;
    uint16_t offered[TC_MAX_GROUPS];
    struct tc_bits suites =
        tc_survey_ecdhe_suites(survey, (enum tc_level_index)track->level, &on_curve);
    size_t num = tc_groups_add_codes(groups, groups->offered, offered, 0);
    num = tc_groups_add_codes(groups, groups->at_end, offered, num);
    tc_survey_begin_hello(survey, hello, version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, version, offered, num);
}

/* ---- what answers mean. `lane` of the track: its leaf needs no curve on offer; `left`: places of
 * curves that were refused ---- */

static void end_unmeasured(struct tc_survey *survey, struct tc_track *track, const char *why)
{
    track->state = TC_TRACK_DONE;
    tc_survey_not_measured(survey, why);
}

/* It was about the groups: none of those is there, unless another hello got one meanwhile. */
static void end_refused(struct tc_survey *survey, struct tc_track *track)
{
    struct tc_group_state *groups = &survey->groups12;
    track->state = TC_TRACK_DONE;
    if ((groups->offered & ~groups->left) != 0) {
        tc_survey_groups_differ(survey, groups);
    } else {
        tc_survey_know(survey, &groups->complete, TC_YES);
    }
}

static void hear_refusal(struct tc_survey *survey, struct tc_track *track)
{
    struct tc_group_state *groups = &survey->groups12;
    bool is_about_groups = track->lane > 0 || track->step == STEP_ALL_CURVES;
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((groups->at_end >> i & 1) != 0) {
            tc_bits_set(&track->left, i);
        }
    }
    if (is_about_groups || (track->step == STEP_ALONE && curves_to_try(survey, track) == 0)) {
        end_refused(survey, track);
    } else if (curves_to_try(survey, track) != 0) {
        track->step = STEP_ONE_CURVE;
    } else {
        end_unmeasured(survey, track, "groups were refused with every curve that was accepted");
    }
}

/* Whether the hello that was accepted had no curve of any leaf. */
static bool was_without_curves(const struct tc_group_state *groups)
{
    for (size_t i = 0; i < groups->num_known; i++) {
        if (((groups->offered | groups->at_end) >> i & 1) != 0 &&
            tc_survey_is_leaf_curve(groups->known[i]->code)) {
            return false;
        }
    }
    return true;
}

static enum tc_survey_chain hear_choice(struct tc_survey *survey, struct tc_track *track,
                                        const struct tc_flight *flight)
{
    struct tc_group_state *groups = &survey->groups12;
    size_t place = tc_groups_place(groups, flight->group);
    if (flight->exchange != TC_EXCHANGE_ECDHE) { /* it broke off, or is strange */
        end_unmeasured(survey, track, "a key exchange did not say which group was chosen");
    } else if (place < TC_MAX_GROUPS && (groups->offered >> place & 1) != 0) {
        if (was_without_curves(groups)) {
            track->lane = 1;
        }
        tc_choices_add(&groups->chain, place);
        return tc_survey_read_flight(survey, flight, false);
    } else if (place < TC_MAX_GROUPS && (groups->at_end >> place & 1) != 0) {
        tc_survey_know(survey, &groups->complete, TC_YES); /* something else was left */
    } else {
        track->state = TC_TRACK_DONE;
        tc_survey_inconsistent(survey, "a group was chosen that was not offered");
    }
    return TC_SURVEY_CHAIN_NONE;
}

static enum tc_survey_chain groups_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    switch (verdict) {
    case TC_VERDICT_ACCEPTED:
        return hear_choice(survey, track, answer->flight);
    case TC_VERDICT_REFUSED:
        hear_refusal(survey, track);
        return TC_SURVEY_CHAIN_NONE;
    case TC_VERDICT_UNCLEAR:
    default:
        track->state = TC_TRACK_DONE;
        return TC_SURVEY_CHAIN_NONE;
    }
}

static const struct tc_track_kind k_groups = {
    .name = "groups", .ask = groups_ask, .hello = groups_hello, .hear = groups_hear};

void tc_survey_add_groups12(struct tc_survey *survey)
{
    survey->groups12_track = tc_survey_add_track(survey, &k_groups);
}
