/*
 * The suites and groups of TLS 1.3. A hello without a key share is answered with a
 * HelloRetryRequest (RFC 8446 section 4.1.4), which names both, before the server has done any
 * arithmetic: so one loop asks for both at once. A refusal then may be about either: the next hello
 * offers all known suites, and its answer says about which.
 */
#include "protocol/survey_internal.h"

enum {
    STEP_FIRST = 0,
    STEP_REVERSED, /* the same against its order: whose order counts? */
    STEP_BOTH,
    STEP_GROUPS, /* one or the other has ended: all good suites, what is left of the groups */
    STEP_SUITES  /* all good groups, what is left of the suites */
};

#define ALERT_PROTOCOL_VERSION 70

static void add_suites13(struct tc_survey *survey, const struct tc_track *track,
                         struct tc_hello *hello)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    struct tc_bits which = track->left;
    if (track->step == STEP_GROUPS) {
        for (size_t i = 0; i < TC_ARRAY_LEN(which.words); i++) {
            which.words[i] = level->yes.words[i];
        }
    }
    if (track->step != STEP_REVERSED) {
        tc_survey_add_suites(survey, hello, &which, false);
        return;
    }
    size_t first = level->choices.chosen[0];
    tc_bits_clear(&which, first);
    tc_survey_add_suites(survey, hello, &which, true);
    tc_hello_add_suite(hello, (uint16_t)survey->candidates[first]->code);
}

/* Places of the groups that this hello offers, in its order. */
static size_t groups_in_order(const struct tc_survey *survey, const struct tc_track *track,
                              size_t out[TC_MAX_GROUPS])
{
    const struct tc_group_state *state = &survey->groups13;
    bool is_deep = survey->options.depth == TC_SURVEY_DEEP;
    bool reversed = track->step == STEP_REVERSED;
    size_t first = reversed && state->choices.num > 0 ? state->choices.chosen[0] : TC_MAX_GROUPS;
    size_t num = 0;
    for (size_t i = 0; i < state->num_known; i++) {
        size_t place = reversed ? state->num_known - 1 - i : i;
        bool is_wanted = track->step == STEP_SUITES ? (state->yes >> place & 1) != 0
                                                    : (state->left >> place & 1) != 0;
        if (is_wanted && place != first && (is_deep || state->known[place]->is_common)) {
            out[num] = place;
            num++;
        }
    }
    if (first != TC_MAX_GROUPS) {
        out[num] = first;
        num++;
    }
    return num;
}

static void tls13_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    static const uint16_t tls13 = TC_TLS1_3;
    size_t places[TC_MAX_GROUPS];
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = groups_in_order(survey, track, places);
    for (size_t i = 0; i < num_groups; i++) {
        groups[i] = survey->groups13.known[places[i]]->code;
    }
    tc_survey_begin_hello(survey, hello, TC_TLS1_3);
    add_suites13(survey, track, hello);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_hello_add_versions(hello, &tls13, 1);
    tc_survey_add_schemes(hello, TC_TLS1_3);
    tc_hello_add_psk_modes(hello);
    tc_survey_add_groups13(survey, hello, groups, num_groups, false);
}

static uint64_t asked_groups_left(const struct tc_survey *survey)
{
    const struct tc_group_state *state = &survey->groups13;
    uint64_t left = state->left;
    for (size_t i = 0; i < state->num_known && survey->options.depth != TC_SURVEY_DEEP; i++) {
        if (!state->known[i]->is_common) {
            left &= ~(UINT64_C(1) << i);
        }
    }
    return left;
}

/* A share must be of a group that is on offer (RFC 8446 section 4.2.8), and we can make one alone.
 */
static bool needs_share_that_is_used_up(const struct tc_survey *survey,
                                        const struct tc_track *track)
{
    const struct tc_group_state *groups = &survey->groups13;
    size_t place = tc_groups_place(groups, TC_GROUP_X25519);
    return survey->share13 == TC_SHARE_X25519 && track->step >= STEP_BOTH &&
           groups->complete.value == TC_UNKNOWN && (groups->left >> place & 1) == 0;
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
    if (asked_groups_left(survey) == 0 && groups->complete.value == TC_UNKNOWN &&
        track->step > STEP_FIRST) {
        tc_survey_know(survey, &groups->complete, TC_YES); /* none is left to ask for */
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
    bool ends_with_suites = groups->complete.value == TC_YES || track->step == STEP_SUITES;
    return level->complete.value == TC_YES && ends_with_suites ? TC_ASK_NEVER : TC_ASK_YES;
}

static void note_suite(struct tc_survey *survey, struct tc_track *track, size_t place)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    tc_bits_set(&level->yes, place);
    if (track->step != STEP_FIRST) {
        tc_bits_clear(&track->left, place);
    }
    if (level->choices.num < TC_ARRAY_LEN(level->choices.chosen)) {
        level->choices.chosen[level->choices.num] = (uint16_t)place;
        level->choices.num++;
    }
}

static void note_group(struct tc_survey *survey, const struct tc_track *track, size_t place)
{
    struct tc_group_state *groups = &survey->groups13;
    groups->yes |= UINT64_C(1) << place;
    if (track->step != STEP_FIRST) {
        groups->left &= ~(UINT64_C(1) << place);
    }
    if (groups->choices.num < TC_ARRAY_LEN(groups->choices.chosen)) {
        groups->choices.chosen[groups->choices.num] = (uint16_t)place;
        groups->choices.num++;
    }
}

/* The second hello: what the first had chosen stood at the end of its lists. */
static void hear_reversed(struct tc_survey *survey, struct tc_track *track, size_t suite,
                          size_t group)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    struct tc_group_state *groups = &survey->groups13;
    size_t first_suite = level->choices.chosen[0];
    size_t first_group = groups->choices.chosen[0];
    track->step = STEP_BOTH;
    tc_bits_clear(&track->left, first_suite);
    groups->left &= ~(UINT64_C(1) << first_group);
    tc_survey_know(survey, &level->order, suite == first_suite ? TC_YES : TC_NO);
    if (survey->share13 != TC_SHARE_X25519) { /* else the group of the share may be liked better */
        tc_survey_know(survey, &groups->order, group == first_group ? TC_YES : TC_NO);
    }
    if (suite != first_suite) {
        note_suite(survey, track, suite);
    }
    if (group != first_group) {
        note_group(survey, track, group);
    }
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
                                                : (groups->left >> group & 1) != 0;
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
        tc_survey_not_measured(survey, "TLS 1.3: something was chosen that was not offered");
        end_unclear(track, level);
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_know(survey, &level->supported, TC_YES);
    level->is_decided = true;
    if (track->step == STEP_REVERSED) {
        hear_reversed(survey, track, suite, group);
        return TC_SURVEY_CHAIN_NONE;
    }
    if (track->step != STEP_GROUPS) {
        note_suite(survey, track, suite);
    }
    if (track->step != STEP_SUITES) {
        note_group(survey, track, group);
    }
    if (track->step == STEP_FIRST) {
        track->step = STEP_REVERSED;
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
                         answer->flight->alert == ALERT_PROTOCOL_VERSION;
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

static void hear_refusal(struct tc_survey *survey, struct tc_track *track,
                         const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_TLS1_3];
    struct tc_group_state *groups = &survey->groups13;
    switch (track->step) {
    case STEP_FIRST:
        hear_first_refusal(survey, track, answer);
        break;
    case STEP_BOTH:
        track->step = STEP_GROUPS;
        break;
    case STEP_GROUPS: /* every good suite was offered */
        tc_survey_know(survey, &groups->complete, TC_YES);
        track->step = STEP_SUITES;
        break;
    case STEP_SUITES:
        tc_survey_know(survey, &level->complete, TC_YES);
        break;
    case STEP_REVERSED: /* what was accepted a moment ago is refused in another order */
    default:
        tc_survey_inconsistent(survey, "TLS 1.3: the same lists were accepted in one order only");
        track->step = STEP_BOTH;
        tc_bits_clear(&track->left, level->choices.chosen[0]);
        groups->left &= ~(UINT64_C(1) << groups->choices.chosen[0]);
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
