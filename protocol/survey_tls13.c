/*
 * The suites and groups of TLS 1.3. A hello without a key share is answered with a
 * HelloRetryRequest (RFC 8446 section 4.1.4), which names both, before the server has done any
 * arithmetic: so one loop asks for both at once. A refusal then may be about either: the next hello
 * offers all known suites, and its answer says about which.
 */
#include "protocol/survey_internal.h"

enum {
    STEP_FIRST = 0,
    STEP_BOTH,
    STEP_GROUPS, /* one or the other has ended: all good suites, what is left of the groups */
    STEP_SUITES  /* all good groups, what is left of the suites */
};

/* ---- what is left to ask for ---- */

/*
 * Where finite fields have a lane of their own, the loop offers them only while they may tell a
 * rank: until the server likes one of them best.
 */
static uint64_t groups_left(const struct tc_survey *survey)
{
    const struct tc_group_state *groups = &survey->groups13;
    uint64_t left = groups->left & tc_survey_asked_groups(survey, groups);
    bool has_lane = groups->finite_left != 0 || groups->finite_is_done;
    if (has_lane && !groups->is_mixed && (groups->order.value == TC_NO || groups->finite_chosen)) {
        left &= ~tc_survey_finite_groups13(survey);
    }
    return left;
}

/* Where the client's order counts there is no ranking, and what is known need not be asked for. */
static void leave_out_known(struct tc_survey *survey, struct tc_track *track)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    struct tc_group_state *groups = &survey->groups13;
    for (size_t i = 0; i < TC_ARRAY_LEN(level->yes.words) && level->order.value == TC_NO; i++) {
        track->left.words[i] &= ~level->yes.words[i];
    }
    if (groups->order.value == TC_NO) {
        groups->left &= ~groups->yes;
    }
}

/* ---- hellos ---- */

void tc_survey_end_tls13_loop_hello(struct tc_survey *survey, struct tc_hello *hello,
                                    const uint16_t *groups, size_t num_groups)
{
    static const uint16_t tls13 = TC_TLS1_3;
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_add_tls13_extensions(hello, &tls13, 1);
    tc_survey_add_groups13(survey, hello, groups, num_groups, false);
}

static void tls13_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_group_state *state = &survey->groups13;
    uint64_t wanted = track->step == STEP_SUITES ? state->yes : state->offered;
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = tc_groups_add_codes(state, wanted, groups, 0);
    tc_survey_begin_hello(survey, hello, TC_TLS1_3);
    tc_survey_add_suites(
        survey, hello,
        track->step == STEP_GROUPS ? &survey->levels[TC_LEVEL_TLS1_3].yes : &track->left, false);
    tc_survey_end_tls13_loop_hello(survey, hello, groups, num_groups);
}

/* A share must be of a group that is on offer (RFC 8446 section 4.2.8), and we can make one alone.
 */
static bool needs_share_that_is_used_up(const struct tc_survey *survey,
                                        const struct tc_track *track)
{
    const struct tc_group_state *groups = &survey->groups13;
    size_t place = tc_groups_place(groups, TC_GROUP_X25519);
    return survey->share13 == TC_SHARE_X25519 && track->step >= STEP_BOTH &&
           !groups->main_is_done && (groups->left >> place & 1) == 0;
}

static void end_loop_of_groups(struct tc_survey *survey)
{
    survey->groups13.main_is_done = true;
    tc_survey_end_groups13(survey);
}

static enum tc_ask tls13_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    struct tc_group_state *groups = &survey->groups13;
    (void)out;
    if (level->is_decided && level->supported.value == TC_NO) {
        return TC_ASK_NEVER;
    }
    leave_out_known(survey, track);
    if (groups_left(survey) == 0 && !groups->main_is_done && track->step > STEP_FIRST) {
        end_loop_of_groups(survey); /* none is left to ask for */
        track->step = STEP_SUITES;
    }
    if (!tc_bits_any(&track->left) && level->complete.value == TC_UNKNOWN) {
        tc_survey_know(survey, &level->complete, TC_YES);
        track->step = STEP_GROUPS;
    }
    if (needs_share_that_is_used_up(survey, track)) {
        track->step = STEP_SUITES; /* what is left of the groups cannot be asked for */
        tc_survey_not_measured(survey, "TLS 1.3: its groups, which it tells to real keys alone");
    }
    bool ends_with_suites = groups->main_is_done || track->step == STEP_SUITES;
    groups->offered = groups_left(survey);
    return level->complete.value == TC_YES && ends_with_suites ? TC_ASK_NEVER : TC_ASK_YES;
}

/* ---- what answers mean ---- */

static void note_suite(struct tc_survey *survey, struct tc_track *track, size_t place)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    tc_bits_set(&level->yes, place);
    tc_bits_clear(&track->left, place);
    tc_choices_add(&level->choices, place);
}

static void note_group(struct tc_survey *survey, size_t place)
{
    struct tc_group_state *groups = &survey->groups13;
    bool has_lane = groups->finite_left != 0 || groups->finite_is_done;
    bool is_finite = groups->known[place]->kind == TC_GROUP_FFDHE;
    groups->yes |= UINT64_C(1) << place;
    if (has_lane && groups->finite_chosen && !is_finite && groups->order.value != TC_NO &&
        !groups->is_mixed) {
        groups->is_mixed = true;
        return; /* it is asked for again, among all that is left of the finite fields */
    }
    groups->finite_chosen = groups->finite_chosen || is_finite;
    groups->left &= ~(UINT64_C(1) << place);
    tc_choices_add(&groups->choices, place);
}

static bool was_offered(const struct tc_survey *survey, const struct tc_track *track, size_t suite,
                        size_t group)
{
    const struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    const struct tc_group_state *groups = &survey->groups13;
    if (suite == TC_MAX_CANDIDATES || group == TC_MAX_GROUPS) {
        return false;
    }
    bool has_suite = track->step == STEP_GROUPS ? tc_bits_get(&level->yes, suite)
                                                : tc_bits_get(&track->left, suite);
    bool has_group = track->step == STEP_SUITES ? (groups->yes >> group & 1) != 0
                                                : (groups->offered >> group & 1) != 0;
    return has_suite && has_group;
}

static void end_unclear(struct tc_track *track, struct tc_level *level)
{
    track->state = TC_TRACK_DONE;
    level->is_decided = true;
}

static enum tc_survey_chain hear_choice(struct tc_survey *survey, struct tc_track *track,
                                        const struct tc_flight *flight)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    size_t suite = tc_survey_place(survey, flight->suite);
    size_t group = tc_groups_place(&survey->groups13, flight->group);
    if (flight->version != TC_TLS1_3 || !was_offered(survey, track, suite, group)) {
        tc_survey_inconsistent(survey, "TLS 1.3: something was chosen that was not offered");
        end_unclear(track, level);
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_know(survey, &level->supported, TC_YES);
    level->is_decided = true;
    if (track->step == STEP_FIRST) {
        level->ranked = track->left;
        level->first_id = track->id;
        survey->groups13.ranked = survey->groups13.offered;
    }
    if (track->step != STEP_GROUPS) {
        note_suite(survey, track, suite);
    }
    if (track->step != STEP_SUITES) {
        note_group(survey, group);
    }
    if (track->step == STEP_FIRST) {
        track->step = STEP_BOTH;
    } else if (track->step == STEP_GROUPS && level->complete.value == TC_UNKNOWN) {
        tc_survey_know(survey, &level->complete,
                       TC_YES); /* so the refusal before was about suites */
    }
    return TC_SURVEY_CHAIN_NONE;
}

/*
 * Whether the version itself is refused, or the way in which we asked: where no real handshake has
 * told the version, only the alert of that name says so at once.
 */
static void hear_first_refusal(struct tc_survey *survey, struct tc_track *track,
                               const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    bool is_of_version = level->supported.value != TC_YES && answer->flight != NULL &&
                         answer->flight->alert == TC_ALERT_PROTOCOL_VERSION;
    if (!is_of_version && survey->share13 < TC_SHARE_X25519) {
        survey->share13++; /* some stacks want to see a share */
        return;
    }
    if (level->supported.value == TC_YES) {
        tc_survey_not_measured(survey, "TLS 1.3 works, but hellos without a real key do not");
    } else {
        tc_survey_know(survey, &level->supported, TC_NO);
    }
    end_unclear(track, level);
}

/*
 * The loop's last hello, in which every good suite was on offer. Had it finite fields too, there
 * are none, and the lane need not ask.
 */
static void hear_groups_refused(struct tc_survey *survey)
{
    struct tc_group_state *groups = &survey->groups13;
    bool has_lane = groups->finite_left != 0;
    if ((groups->offered & groups->yes) != 0) {
        tc_survey_groups_differ(survey, groups);
    } else if ((groups->offered & tc_survey_finite_groups13(survey)) != 0) {
        groups->finite_left = 0;
        groups->finite_is_done = has_lane || groups->finite_is_done;
    }
}

static void hear_refusal(struct tc_survey *survey, struct tc_track *track,
                         const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    switch (track->step) {
    case STEP_FIRST:
        hear_first_refusal(survey, track, answer);
        break;
    case STEP_BOTH:
        track->step = STEP_GROUPS;
        break;
    case STEP_GROUPS:
        hear_groups_refused(survey);
        end_loop_of_groups(survey);
        track->step = STEP_SUITES;
        break;
    case STEP_SUITES:
    default:
        tc_survey_know(survey, &level->complete, TC_YES);
        break;
    }
}

static enum tc_survey_chain tls13_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    switch (verdict) {
    case TC_VERDICT_ACCEPTED:
        return hear_choice(survey, track, answer->flight);
    case TC_VERDICT_REFUSED:
        hear_refusal(survey, track, answer);
        return TC_SURVEY_CHAIN_NONE;
    case TC_VERDICT_UNCLEAR:
    default:
        end_unclear(track, &survey->levels[TC_LEVEL_TLS1_3]);
        return TC_SURVEY_CHAIN_NONE;
    }
}

static const struct tc_track_kind k_tls13 = {.name = "tls13",
                                             .ask = tls13_ask,
                                             .hello = tls13_hello,
                                             .hear = tls13_hear,
                                             .comes_first = true};

void tc_survey_add_tls13(struct tc_survey *survey)
{
    struct tc_track *track = tc_survey_add_track(survey, &k_tls13);
    if (track == NULL) {
        return;
    }
    track->level = TC_LEVEL_TLS1_3;
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (tc_survey_suite_fits(survey->candidates[i], TC_TLS1_3)) {
            tc_bits_set(&track->left, i);
        }
    }
}
