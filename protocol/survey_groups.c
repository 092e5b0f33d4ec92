/*
 * Groups of TLS 1.2 and below, beyond those that the loop's answers have shown: good ECDHE suites
 * alone, and only groups that are undecided, until refused. (RFC 8422 section 5.1.1)
 *
 * Some stacks refuse an ECDSA leaf whose curve is not on offer, so these curves are offered at the
 * end even where they are known. A server with an order of its own may then choose them for ever:
 * in profile deep it is asked without them, and what a refusal then is worth is looked into.
 */
#include "protocol/survey_internal.h"

enum {
    STEP_WITH_CURVES = 0,
    STEP_WITHOUT, /* the leaf's curve was chosen: what is left, alone */
    STEP_PROOF    /* refused: is a known group accepted that carries no leaf? */
};

/* secp256r1, secp384r1, secp521r1 */
static const uint16_t k_leaf_curves[] = {0x0017, 0x0018, 0x0019};

static bool is_leaf_curve(uint16_t group)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_leaf_curves); i++) {
        if (k_leaf_curves[i] == group) {
            return true;
        }
    }
    return false;
}

struct tc_bits tc_survey_ecdhe_suites(const struct tc_survey *survey, enum tc_level_index index,
                                      bool *out_has_leaf_on_curve)
{
    /* Whose groups do not depend on a leaf come first. */
    static const enum tc_auth order[] = {TC_AUTH_RSA, TC_AUTH_ANON, TC_AUTH_ECDSA};
    struct tc_bits suites = {{0}};
    for (size_t turn = 0; turn < TC_ARRAY_LEN(order) && !tc_bits_any(&suites); turn++) {
        for (size_t i = 0; i < survey->num_candidates; i++) {
            const struct tc_suite *suite = survey->candidates[i];
            if (tc_bits_get(&survey->levels[index].yes, i) && suite->kx == TC_KX_ECDHE &&
                suite->auth == order[turn]) {
                tc_bits_set(&suites, i);
            }
        }
        *out_has_leaf_on_curve = order[turn] == TC_AUTH_ECDSA;
    }
    return suites;
}

/* Those that this profile asks for. */
static uint64_t groups_left(const struct tc_survey *survey)
{
    const struct tc_group_state *groups = &survey->groups12;
    uint64_t left = groups->left;
    for (size_t i = 0; i < groups->num_known; i++) {
        if (survey->options.depth != TC_SURVEY_DEEP && !groups->known[i]->is_common) {
            left &= ~(UINT64_C(1) << i);
        }
    }
    return left;
}

static bool is_known(const struct tc_survey *survey, size_t place)
{
    return place < TC_MAX_GROUPS && (survey->groups12.yes >> place & 1) != 0;
}

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

static enum tc_ask groups_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    struct tc_group_state *groups = &survey->groups12;
    (void)out;
    enum tc_ask answer = tc_survey_ask_old(survey);
    if (answer == TC_ASK_LATER && may_begin(survey)) {
        answer = TC_ASK_YES;
    }
    if (answer != TC_ASK_YES) {
        return answer;
    }
    bool on_curve = false;
    struct tc_bits suites =
        tc_survey_ecdhe_suites(survey, tc_survey_best_old_level(survey), &on_curve);
    if (!tc_bits_any(&suites) || groups->complete.value == TC_YES) {
        return TC_ASK_NEVER;
    }
    groups->offered = groups_left(survey);
    if (groups->offered != 0 || track->step == STEP_PROOF) {
        return TC_ASK_YES;
    }
    tc_survey_know(survey, &groups->complete, TC_YES);
    return TC_ASK_NEVER;
}

/* Known groups that carry no leaf: whether the server needs its leaf's curve beside them. */
static size_t proof_groups(const struct tc_survey *survey, uint16_t out[TC_MAX_GROUPS])
{
    const struct tc_group_state *groups = &survey->groups12;
    size_t num = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if (is_known(survey, i) && !is_leaf_curve(groups->known[i]->code)) {
            out[num] = groups->known[i]->code;
            num++;
        }
    }
    return num;
}

static size_t offered_groups(const struct tc_survey *survey, const struct tc_track *track,
                             bool on_curve, uint16_t out[TC_MAX_GROUPS])
{
    const struct tc_group_state *groups = &survey->groups12;
    size_t num = 0;
    if (track->step == STEP_PROOF) {
        return proof_groups(survey, out);
    }
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((groups->offered >> i & 1) != 0) {
            out[num] = groups->known[i]->code;
            num++;
        }
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_leaf_curves); i++) {
        size_t place = tc_groups_place(groups, k_leaf_curves[i]);
        bool is_missing = place < TC_MAX_GROUPS && (groups->offered >> place & 1) == 0;
        if (on_curve && track->step == STEP_WITH_CURVES && is_missing) {
            out[num] = k_leaf_curves[i];
            num++;
        }
    }
    return num;
}

static void groups_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    uint16_t version = survey->levels[best].version;
    bool on_curve = false;
    uint16_t offered[TC_MAX_GROUPS];
    struct tc_bits suites = tc_survey_ecdhe_suites(survey, best, &on_curve);
    size_t num = offered_groups(survey, track, on_curve, offered);
    tc_survey_begin_hello(survey, hello, version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, version, offered, num);
}

static void hear_refusal(struct tc_survey *survey, struct tc_track *track)
{
    struct tc_group_state *groups = &survey->groups12;
    uint16_t proof[TC_MAX_GROUPS];
    if ((groups->offered & groups->yes) != 0) { /* another hello got it meanwhile */
        track->state = TC_TRACK_DONE;
        tc_survey_groups_differ(survey, groups);
    } else if (track->step == STEP_WITH_CURVES ||
               (track->step == STEP_WITHOUT && track->lane > 0)) {
        tc_survey_know(survey, &groups->complete, TC_YES);
    } else if (track->step == STEP_WITHOUT && proof_groups(survey, proof) > 0) {
        track->step = STEP_PROOF;
    } else { /* so it may have been about the leaf */
        track->state = TC_TRACK_DONE;
    }
}

/* The leaf's curve, at the end of the list, where something else was left to choose. */
static void hear_leaf_curve(struct tc_survey *survey, struct tc_track *track)
{
    if (survey->groups12.order.value == TC_NO) { /* it follows our order: it has no other left */
        tc_survey_know(survey, &survey->groups12.complete, TC_YES);
    } else if (survey->options.depth == TC_SURVEY_DEEP) {
        track->step = STEP_WITHOUT;
    } else {
        track->state = TC_TRACK_DONE;
    }
}

/* Whether a leaf's curve is among what is on offer in any case. */
static bool has_leaf_curve_left(const struct tc_survey *survey)
{
    const struct tc_group_state *groups = &survey->groups12;
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((groups_left(survey) >> i & 1) != 0 && is_leaf_curve(groups->known[i]->code)) {
            return true;
        }
    }
    return false;
}

static enum tc_survey_chain hear_choice(struct tc_survey *survey, struct tc_track *track,
                                        const struct tc_flight *flight)
{
    struct tc_group_state *groups = &survey->groups12;
    size_t place = tc_groups_place(groups, flight->group);
    if (flight->exchange != TC_EXCHANGE_ECDHE) {
        track->state = TC_TRACK_DONE; /* it does not say which: it broke off, or is strange */
    } else if (track->step == STEP_PROOF && is_known(survey, place)) {
        tc_survey_know(survey, &groups->complete, TC_YES); /* it was not about the leaf */
    } else if (place < TC_MAX_GROUPS && (groups->offered >> place & 1) != 0) {
        if (track->step == STEP_WITHOUT && !has_leaf_curve_left(survey)) {
            track->lane = 1; /* its leaf needs no curve on offer */
        }
        return tc_survey_read_flight(survey, flight, false);
    } else if (is_known(survey, place) && track->step == STEP_WITH_CURVES) {
        hear_leaf_curve(survey, track);
    } else {
        track->state = TC_TRACK_DONE;
        tc_survey_inconsistent(survey, "a group was chosen that was not offered");
        tc_survey_not_measured(survey, "a group was chosen that was not offered");
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
