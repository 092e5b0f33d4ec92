/*
 * Which suites SSL 3.0 to TLS 1.2 accept: offer all, note the choice, leave it out, until refused.
 * What a server with an order of its own chooses so is its ranking. One that follows the client's
 * order (survey_order.c asks) has none, so its list is cut into lanes that are asked side by side.
 */
#include "protocol/survey_internal.h"

/* Connections that a loop leaves to the other tracks, each of which needs few. Profile deep's own
 * wait for the loops, and take what these leave. */
#define LEFT_TO_OTHERS 4
/* Where the list cannot be finished, so many are kept for each version's insecure suites. */
#define LEFT_TO_INSECURE 3
/*
 * A lane's end costs one refusal, which has to be worth it: so many suites are left for it, and so
 * many were accepted since the last one was opened, where they do not open at once.
 */
#define MIN_PER_LANE 6
#define MIN_ACCEPTED 2
/* With fewer connections than this left to the survey, an end may cost a suite its question. */
#define LEFT_TO_LISTS 30

enum { STEP_FIRST = 0, STEP_REST };

/* ---- what a hello of the loop offers ---- */

/* The first of `left`, as many as one hello may hold. */
static void offered_now(const struct tc_survey *survey, const struct tc_track *track,
                        struct tc_bits *out)
{
    size_t num = 0;
    size_t max = track->level == TC_LEVEL_SSL3 ? TC_MAX_WITHOUT_PADDING : TC_MAX_PER_HELLO;
    *out = (struct tc_bits){{0}};
    for (size_t i = 0; i < survey->num_candidates && num < max; i++) {
        if (tc_bits_get(&track->left, i)) {
            tc_bits_set(out, i);
            num++;
        }
    }
}

static bool carries_riders(const struct tc_survey *survey, const struct tc_track *track)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    return track->lane == 0 && !survey->plain_hellos && track->level != TC_LEVEL_SSL3 &&
           (best == TC_LEVEL_COUNT ? track->level == TC_LEVEL_TLS1_2 : track->level == best);
}

static void loop_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint16_t version = survey->levels[track->level].version;
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = 0;
    struct tc_bits offered;
    tc_survey_begin_hello(survey, hello, version);
    /* Where our order counts, the worst come first: the budget may end before the list does. */
    bool worst_first = survey->levels[track->level].order.value == TC_NO;
    offered_now(survey, track, &offered);
    tc_survey_add_suites(survey, hello, &offered, worst_first);
    if (version != TC_SSL3) {
        tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    }
    track->has_riders = carries_riders(survey, track); /* so that its answer is read with them */
    track->has_alpn = track->has_riders && tc_survey_offers_alpn(survey);
    if (track->has_riders) {
        tc_survey_add_riders(survey, hello);
        num_groups = tc_survey_riding_groups(survey, groups);
    }
    tc_survey_end_old_hello(survey, hello, version, num_groups > 0 ? groups : NULL, num_groups);
}

/* ---- when it asks ---- */

/* A server that speaks something newer and refuses TLS 1.1 as a version would have chosen 1.0. */
static bool is_refused_with_newer(const struct tc_survey *survey, const struct tc_track *track)
{
    const struct tc_level *newer = &survey->levels[TC_LEVEL_TLS1_1];
    return track->level == TC_LEVEL_TLS1 && newer->is_decided && newer->refused_as_such &&
           (survey->levels[TC_LEVEL_TLS1_2].supported.value == TC_YES ||
            survey->levels[TC_LEVEL_TLS1_3].supported.value == TC_YES);
}

/*
 * Whether a suite was refused here with which another hello was accepted: something else than the
 * suites was minded then.
 */
static bool is_contradictory(const struct tc_level *level)
{
    uint64_t both = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(level->yes.words); i++) {
        both |= level->yes.words[i] & level->refused.words[i];
    }
    return both != 0;
}

static void end_lane(struct tc_survey *survey, struct tc_track *track, bool is_clear)
{
    struct tc_level *level = &survey->levels[track->level];
    track->state = TC_TRACK_DONE;
    level->is_decided = true;
    level->lanes_open--;
    level->lanes_unclear = level->lanes_unclear || !is_clear;
    if (level->lanes_open > 0 || level->lanes_unclear || level->supported.value != TC_YES) {
        return;
    }
    if (is_contradictory(level) || !tc_bits_any(&level->yes)) {
        tc_survey_not_measured(survey, "suites were refused in one hello and accepted in another");
        return;
    }
    tc_survey_know(survey, &level->complete, TC_YES);
}

/* What is left is cut down to what would matter most. */
static void keep_insecure(struct tc_survey *survey, struct tc_track *track)
{
    track->is_narrowed = true;
    survey->levels[track->level].lanes_unclear = true;
    tc_survey_not_measured(survey, "more suites than the connections allowed for this endpoint");
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (survey->candidates[i]->quality != TC_QUALITY_INSECURE) {
            tc_bits_clear(&track->left, i);
        }
    }
}

static bool fits_budget(struct tc_survey *survey, struct tc_track *track)
{
    unsigned open_levels = 0;
    for (size_t i = 0; i < TC_LEVEL_COUNT; i++) {
        open_levels += survey->levels[i].lanes_open > 0 ? 1 : 0;
    }
    unsigned budget = tc_survey_budget(survey);
    if (!track->is_narrowed && budget <= LEFT_TO_OTHERS + LEFT_TO_INSECURE * open_levels) {
        keep_insecure(survey, track);
    }
    return budget > LEFT_TO_OTHERS && tc_bits_any(&track->left);
}

static size_t count(const struct tc_survey *survey, const struct tc_bits *bits)
{
    size_t num = 0;
    for (size_t i = 0; i < survey->num_candidates; i++) {
        num += tc_bits_get(bits, i) ? 1 : 0;
    }
    return num;
}

/*
 * Suites of one key exchange and authentication are accepted together more often than not: kind by
 * kind every other one is moved, so that neither lane gets all that a server has.
 */
static void deal(const struct tc_survey *survey, struct tc_bits *from, struct tc_bits *to)
{
    bool is_moved = false;
    struct tc_bits undealt = *from;
    for (size_t first = 0; first < survey->num_candidates; first++) {
        const struct tc_suite *kind = survey->candidates[first];
        for (size_t i = first; i < survey->num_candidates && tc_bits_get(&undealt, first); i++) {
            const struct tc_suite *suite = survey->candidates[i];
            if (!tc_bits_get(&undealt, i) || suite->kx != kind->kx || suite->auth != kind->auth) {
                continue;
            }
            if (i != first) {
                tc_bits_clear(&undealt, i);
            }
            if (is_moved) {
                tc_bits_clear(from, i);
                tc_bits_set(to, i);
            }
            is_moved = !is_moved;
        }
        tc_bits_clear(&undealt, first);
    }
}

/* So many lanes a version may have without looking at who else might ask: half of what can be out,
 * shared with the other versions that are still asked about. */
static unsigned lanes_at_once(const struct tc_survey *survey, const struct tc_level *level)
{
    unsigned open_levels = 1;
    for (size_t i = 0; i < TC_LEVEL_COUNT; i++) {
        const struct tc_level *other = &survey->levels[i];
        bool is_open = other->lanes_open > 0 && other->supported.value == TC_YES;
        open_levels += other != level && is_open ? 1 : 0;
    }
    return survey->options.parallel / 2 / open_levels;
}

/*
 * Where the client's order counts there is no ranking: what is known need not be asked for, and
 * half of what is left goes into a lane of its own, as long as there is room.
 */
static void share_out(struct tc_survey *survey, struct tc_track *track)
{
    struct tc_level *level = &survey->levels[track->level];
    for (size_t i = 0; i < TC_ARRAY_LEN(level->yes.words); i++) {
        track->left.words[i] &= ~level->yes.words[i];
    }
    bool is_idle = survey->num_out + 1 < survey->options.parallel;
    bool has_room = level->num_lanes < lanes_at_once(survey, level) ||
                    (is_idle && track->num_accepted >= MIN_ACCEPTED &&
                     tc_survey_budget(survey) > LEFT_TO_LISTS);
    if (!has_room || level->num_lanes == TC_MAX_LANES || survey->num_tracks == TC_MAX_TRACKS ||
        track->is_narrowed || count(survey, &track->left) / 2 < MIN_PER_LANE) {
        return;
    }
    struct tc_track *lane = tc_survey_add_track(survey, track->kind);
    if (lane == NULL) {
        return;
    }
    lane->level = track->level;
    lane->lane = level->num_lanes;
    lane->step = STEP_REST;
    track->num_accepted = 0;
    level->num_lanes++;
    level->lanes_open++;
    deal(survey, &track->left, &lane->left);
}

static enum tc_ask loop_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    struct tc_level *level = &survey->levels[track->level];
    if (level->is_decided && level->supported.value == TC_NO) {
        level->lanes_open = 0;
        return TC_ASK_NEVER;
    }
    if (track->level == TC_LEVEL_TLS1 && level->supported.value != TC_YES &&
        !survey->levels[TC_LEVEL_TLS1_1].is_decided) {
        return TC_ASK_LATER;
    }
    if (is_refused_with_newer(survey, track) && level->supported.value != TC_YES) {
        level->supported = survey->levels[TC_LEVEL_TLS1_1].supported;
        level->is_decided = true;
        level->lanes_open = 0;
        return TC_ASK_NEVER;
    }
    if (level->order.value == TC_NO && track->state == TC_TRACK_IDLE) {
        share_out(survey, track);
    }
    if (!tc_bits_any(&track->left)) {
        end_lane(survey, track, true);
        return TC_ASK_NEVER;
    }
    if (track->step == STEP_REST && !fits_budget(survey, track)) {
        end_lane(survey, track, false);
        return TC_ASK_NEVER;
    }
    out->keeps_certificates = true;
    return TC_ASK_YES;
}

/* ---- what answers mean ---- */

/* An answer in another version than was asked for is a fact about that one. */
static void note_lower(struct tc_survey *survey, enum tc_level_index chosen, size_t place)
{
    struct tc_level *level = &survey->levels[chosen];
    tc_survey_know(survey, &level->supported, TC_YES);
    if (place < TC_MAX_CANDIDATES) {
        tc_survey_take_suite(survey, level, place);
    }
}

static void settle_as_lower(struct tc_survey *survey, struct tc_track *track,
                            enum tc_level_index chosen, size_t place)
{
    for (size_t i = (size_t)chosen + 1; i <= track->level; i++) {
        tc_survey_know(survey, &survey->levels[i].supported, TC_NO);
        survey->levels[i].is_decided = true;
    }
    note_lower(survey, chosen, place);
    track->state = TC_TRACK_DONE;
    survey->levels[track->level].lanes_open--;
}

/* Whether one of the versions that it passes over is known to be supported. */
static bool is_contradicted(const struct tc_survey *survey, const struct tc_track *track,
                            enum tc_level_index chosen)
{
    for (size_t i = (size_t)chosen + 1; i <= track->level; i++) {
        if (survey->levels[i].supported.value == TC_YES) {
            return true;
        }
    }
    return false;
}

static enum tc_survey_chain end_inconsistent(struct tc_survey *survey, struct tc_track *track,
                                             const char *how)
{
    tc_survey_inconsistent(survey, how);
    end_lane(survey, track, false);
    return TC_SURVEY_CHAIN_NONE;
}

static void note_choice(struct tc_survey *survey, struct tc_track *track, size_t place)
{
    struct tc_level *level = &survey->levels[track->level];
    tc_survey_know(survey, &level->supported, TC_YES);
    level->is_decided = true;
    tc_bits_set(&level->yes, place);
    tc_bits_clear(&track->left, place);
    track->num_accepted++;
    if (tc_bits_get(&level->ranked, place)) {
        tc_choices_add(&level->choices, place);
    }
}

/* What was offered is not accepted; what did not fit into the hello is offered next. */
static void drop_offered(struct tc_survey *survey, struct tc_track *track)
{
    struct tc_level *level = &survey->levels[track->level];
    struct tc_bits offered;
    offered_now(survey, track, &offered);
    for (size_t i = 0; i < TC_ARRAY_LEN(offered.words); i++) {
        track->left.words[i] &= ~offered.words[i];
        level->refused.words[i] |= offered.words[i];
    }
}

static enum tc_survey_chain hear_choice(struct tc_survey *survey, struct tc_track *track,
                                        const struct tc_flight *flight)
{
    bool had_riders = track->has_riders;
    enum tc_level_index chosen = tc_level_of(flight->version);
    size_t place = tc_survey_place(survey, flight->suite);
    if (chosen < track->level && !is_contradicted(survey, track, chosen)) {
        settle_as_lower(survey, track, chosen, place);
        return tc_survey_read_flight(survey, flight, had_riders);
    }
    if (chosen < track->level) {
        /* None of what is left is for this version, and it looks for a version that has some. */
        note_lower(survey, chosen, place);
        drop_offered(survey, track);
        return tc_survey_read_flight(survey, flight, had_riders);
    }
    if (chosen != track->level) {
        return end_inconsistent(survey, track, "a version was chosen that was not offered");
    }
    if (place == TC_MAX_CANDIDATES || !tc_bits_get(&track->left, place)) {
        return end_inconsistent(survey, track, "a suite was chosen that was not offered");
    }
    if (track->step == STEP_FIRST) {
        offered_now(survey, track, &survey->levels[track->level].ranked);
        survey->levels[track->level].first_id = track->id;
        track->step = STEP_REST;
    }
    note_choice(survey, track, place);
    return tc_survey_read_flight(survey, flight, had_riders);
}

/* RFC 7301 section 3.2: a strict server refuses the hello where it knows none of the protocols. */
static bool is_about_alpn(struct tc_survey *survey, const struct tc_answer *answer)
{
    if (answer->flight == NULL || answer->flight->state != TC_FLIGHT_ALERT ||
        answer->flight->alert != TC_ALERT_NO_APPLICATION_PROTOCOL ||
        survey->alpn_complete.value == TC_YES) {
        return false;
    }
    tc_survey_know(survey, &survey->alpn_complete, TC_YES);
    tc_survey_trait(survey, TC_TRAIT_ALPN_STRICT, TC_YES);
    return true;
}

static void settle_as_refused(struct tc_survey *survey, struct tc_track *track, bool as_such)
{
    struct tc_level *level = &survey->levels[track->level];
    tc_survey_know(survey, &level->supported, TC_NO);
    level->refused_as_such = as_such;
    level->is_decided = true;
    level->lanes_open--;
    track->state = TC_TRACK_DONE;
    if (track->tries_plain) { /* so it was not what rode along */
        survey->plain_hellos = false;
    }
}

/*
 * A server that hangs up does not say whether it minds the suites, or protocol names that it does
 * not know: the same again without these.
 */
static bool may_be_alpn(struct tc_survey *survey, const struct tc_track *track,
                        const struct tc_answer *answer)
{
    if (!track->has_alpn || answer->flight != NULL) {
        return false;
    }
    survey->alpn_given_up = true;
    return true;
}

static void hear_refusal(struct tc_survey *survey, struct tc_track *track,
                         const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[track->level];
    bool is_of_version = answer->flight != NULL && answer->flight->state == TC_FLIGHT_ALERT &&
                         answer->flight->alert == TC_ALERT_PROTOCOL_VERSION;
    if (track->has_riders && is_about_alpn(survey, answer)) {
        return; /* the same again, without protocol names */
    }
    if (track->has_riders && track->step == STEP_FIRST && !is_of_version) {
        survey->plain_hellos = true; /* is it what rode along? The same again without */
        track->tries_plain = true;
        return;
    }
    if (track->step != STEP_FIRST && may_be_alpn(survey, track, answer)) {
        return;
    }
    drop_offered(survey, track);
    if (level->supported.value == TC_YES) {
        if (!tc_bits_any(&track->left)) {
            end_lane(survey, track, true);
        }
    } else if (is_of_version || !tc_bits_any(&track->left)) {
        settle_as_refused(survey, track, is_of_version);
    }
}

static enum tc_survey_chain loop_hear(struct tc_survey *survey, struct tc_track *track,
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
        end_lane(survey, track, false);
        return TC_SURVEY_CHAIN_NONE;
    }
}

static const struct tc_track_kind k_loop = {
    .name = "suites", .ask = loop_ask, .hello = loop_hello, .hear = loop_hear, .comes_first = true};

void tc_survey_add_suite_loops(struct tc_survey *survey)
{
    bool is_deep = survey->options.depth == TC_SURVEY_DEEP;
    size_t num = is_deep ? survey->num_candidates : survey->num_common;
    for (int index = TC_LEVEL_TLS1_2; index >= TC_LEVEL_SSL3; index--) {
        struct tc_track *track = tc_survey_add_track(survey, &k_loop);
        if (track == NULL) {
            return;
        }
        track->level = (unsigned)index;
        survey->levels[index].lanes_open = 1;
        survey->levels[index].num_lanes = 1;
        for (size_t i = 0; i < num; i++) {
            if (tc_survey_suite_fits(survey->candidates[i], survey->levels[index].version)) {
                tc_bits_set(&track->left, i);
            }
        }
    }
}
