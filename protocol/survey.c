/* The engine: whose turn it is to ask, and what is asked. survey_answer.c hears the answers. */
#include <stdlib.h>
#include <string.h>

#include "protocol/survey_internal.h"

/* A question without an answer is asked once more after this, a control hello after twice that. */
#define AGAIN_DELAY_MS   500
#define CONTROL_DELAY_MS 1000
/* Limits on connections are often counted by the second. */
#define QUIET_DELAY_MS 1200
/* A server that refused the TCP connection is left alone for longer. */
#define UNREACHED_DELAY_MS 2000

bool tc_bits_any(const struct tc_bits *bits)
{
    uint64_t any = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(bits->words); i++) {
        any |= bits->words[i];
    }
    return any != 0;
}

/* SplitMix64 (Steele, Lea, Flood): hellos need variety, not secrecy. */
uint64_t tc_survey_random(struct tc_survey *survey)
{
    survey->random += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = survey->random;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void tc_survey_know(struct tc_survey *survey, struct tc_fact *fact, enum tc_tristate value)
{
    if (value == TC_UNKNOWN && fact->value != TC_UNKNOWN) {
        return;
    }
    fact->value = value;
    fact->seq = value == TC_YES ? survey->last_refused : survey->hearing_refusal_of;
}

void tc_survey_trait(struct tc_survey *survey, enum tc_trait trait, enum tc_tristate value)
{
    tc_survey_know(survey, &survey->traits[trait], value);
}

void tc_survey_not_measured(struct tc_survey *survey, const char *reason)
{
    if (survey->unclear == NULL) {
        survey->unclear = reason;
    }
}

void tc_survey_inconsistent(struct tc_survey *survey, const char *how)
{
    struct tc_fact *fact = &survey->traits[TC_TRAIT_CONSISTENT];
    tc_survey_know(survey, fact, TC_NO);
    fact->text = how;
    tc_survey_not_measured(survey, how);
}

void tc_survey_take_suite(struct tc_survey *survey, struct tc_level *level, size_t place)
{
    if (level->complete.value == TC_YES && !tc_bits_get(&level->yes, place)) {
        tc_survey_not_measured(survey, "suites were refused in one hello and accepted in another");
        level->complete.value = TC_UNKNOWN;
    }
    tc_bits_set(&level->yes, place);
}

void tc_survey_groups_differ(struct tc_survey *survey, struct tc_group_state *groups)
{
    tc_survey_not_measured(survey, "groups were refused in one hello and accepted in another");
    groups->is_contradictory = true;
    groups->complete.value = TC_UNKNOWN;
}

void tc_survey_take_group(struct tc_survey *survey, struct tc_group_state *groups, size_t place)
{
    bool is_known = (groups->yes >> place & 1) != 0;
    bool is_lanes = (groups->finite_left >> place & 1) != 0;
    if (!is_known && (groups->complete.value == TC_YES || (groups->main_is_done && !is_lanes))) {
        tc_survey_groups_differ(survey, groups);
    }
    groups->yes |= UINT64_C(1) << place;
}

unsigned tc_survey_budget(const struct tc_survey *survey)
{
    unsigned max = survey->options.max_connections - survey->kept_for_intrusive;
    return survey->asked + 1 < max ? max - 1 - survey->asked : 0;
}

static bool is_proved(const struct tc_survey *survey, const struct tc_fact *fact)
{
    return fact->seq == 0 || fact->seq < survey->last_accepted;
}

/* Whose answers differ may be two machines behind one address: what one of them refused, the other
 * may accept. */
static bool is_inconsistent(const struct tc_survey *survey)
{
    const struct tc_fact *fact = &survey->traits[TC_TRAIT_CONSISTENT];
    return fact->value == TC_NO && is_proved(survey, fact);
}

enum tc_tristate tc_survey_settled(const struct tc_survey *survey, const struct tc_fact *fact)
{
    if (fact == &survey->traits[TC_TRAIT_CONSISTENT]) {
        return is_inconsistent(survey) ? TC_NO : TC_UNKNOWN;
    }
    bool is_certain = is_proved(survey, fact) && !is_inconsistent(survey);
    return fact->value != TC_NO || is_certain ? fact->value : TC_UNKNOWN;
}

enum tc_tristate tc_survey_settled_list(const struct tc_survey *survey, const struct tc_fact *fact)
{
    return is_proved(survey, fact) && !is_inconsistent(survey) ? fact->value : TC_UNKNOWN;
}

struct tc_track *tc_survey_add_track(struct tc_survey *survey, const struct tc_track_kind *kind)
{
    if (survey->num_tracks == TC_MAX_TRACKS) {
        tc_survey_not_measured(survey, "more questions than this program can keep apart");
        return NULL;
    }
    struct tc_track *track = &survey->tracks[survey->num_tracks];
    survey->num_tracks++;
    *track = (struct tc_track){.kind = kind};
    return track;
}

static bool is_held(const struct tc_survey *survey)
{
    for (size_t i = 0; i < survey->num_tracks; i++) {
        if (survey->tracks[i].state == TC_TRACK_HELD) {
            return true;
        }
    }
    return false;
}

/* ---- whose turn it is ---- */

/*
 * A last no is believed only if the server has answered something since. And what is asked once
 * more needs the turn of the other machine, if there are two.
 */
static bool wants_final_control(const struct tc_survey *survey)
{
    bool has_open_no = survey->last_refused > 0 && survey->last_refused >= survey->last_accepted;
    return has_open_no || (tc_survey_budget(survey) > 1 && tc_survey_is_repetition_due(survey));
}

static void hand_out(struct tc_survey *survey, struct tc_track *track, struct tc_question *out)
{
    survey->asked++;
    survey->num_out++;
    out->id = survey->asked;
    out->kind = track->kind->request != NULL                          ? TC_QUESTION_HTTP
                : track->kind->hello == NULL && !track->kind->is_ssl2 ? TC_QUESTION_HANDSHAKE
                                                                      : TC_QUESTION_HELLO;
    out->is_ssl2 = track->kind->is_ssl2;
    out->is_split = track->kind->is_split;
    out->has_follow_up = track->kind->follow_up != NULL;
    track->id = survey->asked;
    track->state = TC_TRACK_OUT;
    track->tries++;
}

static unsigned delay_of(const struct tc_survey *survey, const struct tc_track *track)
{
    if (track->state == TC_TRACK_ALONE) {
        return survey->is_fresh ? 0 : QUIET_DELAY_MS;
    }
    if (track->state != TC_TRACK_AGAIN) {
        return 0;
    }
    return track->ended == TC_ANSWER_UNREACHED ? UNREACHED_DELAY_MS : AGAIN_DELAY_MS;
}

static bool ask_control(struct tc_survey *survey, struct tc_question *out)
{
    if (survey->control.state == TC_TRACK_OUT || survey->control_version == 0 ||
        survey->asked >= survey->options.max_connections) {
        return false;
    }
    unsigned delay_ms = delay_of(survey, &survey->control);
    if (survey->control.state != TC_TRACK_AGAIN) {
        survey->control.tries = 0;
        delay_ms = is_held(survey) && !survey->control_is_next ? CONTROL_DELAY_MS : 0;
    }
    *out = (struct tc_question){.delay_ms = delay_ms};
    hand_out(survey, &survey->control, out);
    return true;
}

static bool ask_track(struct tc_survey *survey, struct tc_track *track, struct tc_question *out)
{
    if (track->state != TC_TRACK_IDLE && track->state != TC_TRACK_AGAIN &&
        track->state != TC_TRACK_ALONE) {
        return false;
    }
    *out = (struct tc_question){.delay_ms = delay_of(survey, track)};
    switch (track->kind->ask(survey, track, out)) {
    case TC_ASK_YES:
        hand_out(survey, track, out);
        return true;
    case TC_ASK_NEVER:
        track->state = TC_TRACK_DONE;
        return false;
    case TC_ASK_LATER:
    default:
        return false;
    }
}

static size_t num_done(const struct tc_survey *survey)
{
    size_t num = 0;
    for (size_t i = 0; i < survey->num_tracks; i++) {
        num += survey->tracks[i].state == TC_TRACK_DONE ? 1 : 0;
    }
    return num;
}

/*
 * Whether suites and groups are still asked for. One that only waits, for what nobody who is out
 * can tell, keeps nobody from asking.
 */
bool tc_survey_lists_are_open(const struct tc_survey *survey)
{
    bool may_be_told = survey->num_out > 0 || is_held(survey);
    for (size_t i = 0; i < survey->num_tracks; i++) {
        const struct tc_track *track = &survey->tracks[i];
        if (track->kind->comes_first && track->state != TC_TRACK_DONE &&
            (may_be_told || track->state != TC_TRACK_IDLE) && tc_survey_may_ask(survey, track)) {
            return true;
        }
    }
    return false;
}

enum turn { TURN_LISTS = 0, TURN_OTHERS, TURN_DEEP, TURN_COUNT };

static enum turn turn_of(const struct tc_survey *survey, size_t index)
{
    if (survey->tracks[index].kind->comes_first) {
        return TURN_LISTS;
    }
    return index >= survey->first_deep && index < survey->end_deep ? TURN_DEEP : TURN_OTHERS;
}

/*
 * Long chains first, and what one question tells when there is room. One that ends without asking
 * may be what another before it has waited for. Those that wait for each other for ever would be a
 * mistake of ours.
 */
static bool ask_any_track(struct tc_survey *survey, struct tc_question *out)
{
    size_t before = 0;
    do {
        before = num_done(survey);
        for (unsigned turn = TURN_LISTS; turn < TURN_COUNT; turn++) {
            for (size_t i = 0; i < survey->num_tracks; i++) {
                bool may_ask = survey->tracks[i].state != TC_TRACK_ALONE &&
                               turn_of(survey, i) == turn &&
                               !survey->tracks[i].kind->is_intrusive &&
                               !(turn == TURN_DEEP && tc_survey_lists_are_open(survey)) &&
                               tc_survey_may_ask(survey, &survey->tracks[i]);
                if (may_ask && ask_track(survey, &survey->tracks[i], out)) {
                    return true;
                }
            }
        }
    } while (num_done(survey) != before);
    return false;
}

/*
 * What was hung up on, once more: after a pause, with nothing else out, and between two control
 * hellos that are answered. So neither a limit on connections nor a bad moment can be what answers.
 */
static bool ask_alone(struct tc_survey *survey, struct tc_question *out)
{
    for (size_t i = 0; i < survey->num_tracks && tc_survey_budget(survey) > 0; i++) {
        struct tc_track *track = &survey->tracks[i];
        if (track->state != TC_TRACK_ALONE || track->kind->is_intrusive) {
            continue;
        }
        bool needs_control = !survey->is_fresh && survey->control_version != 0;
        survey->is_alone = needs_control ? ask_control(survey, out) : ask_track(survey, track, out);
        if (survey->is_alone && needs_control && survey->control.tries == 1) {
            out->delay_ms = QUIET_DELAY_MS;
        }
        if (survey->is_alone) {
            return true;
        }
    }
    return false;
}

static bool ask_control_at_once(struct tc_survey *survey, struct tc_question *out)
{
    bool is_asked = survey->control_is_next && ask_control(survey, out);
    survey->control_is_next = false;
    survey->is_alone = is_asked;
    return is_asked;
}

/*
 * What is intrusive comes when all else is known, and one by one: whoever takes it amiss spoils
 * nothing.
 */
static bool ask_intrusive(struct tc_survey *survey, struct tc_question *out)
{
    for (size_t i = 0; i < survey->num_tracks; i++) {
        if (survey->tracks[i].kind->is_intrusive && tc_survey_may_ask(survey, &survey->tracks[i]) &&
            survey->asked + 1 < survey->options.max_connections &&
            ask_track(survey, &survey->tracks[i], out)) {
            survey->is_alone = true;
            return true;
        }
    }
    return false;
}

/* Whether a track has a question left that only the budget forbids. */
static bool would_ask(struct tc_survey *survey)
{
    struct tc_question question = {0};
    for (size_t i = 0; i < survey->num_tracks; i++) {
        struct tc_track *track = &survey->tracks[i];
        if (!tc_survey_may_ask(survey, track)) {
            continue;
        }
        if (track->state == TC_TRACK_AGAIN || track->state == TC_TRACK_ALONE ||
            (track->state == TC_TRACK_IDLE &&
             track->kind->ask(survey, track, &question) == TC_ASK_YES)) {
            return true;
        }
    }
    return false;
}

/* Nobody is left to prove that the server answers: what was held is not measured. */
static void release_held(struct tc_survey *survey)
{
    for (size_t i = 0; i < survey->num_tracks; i++) {
        struct tc_track *track = &survey->tracks[i];
        if (track->state == TC_TRACK_HELD) {
            const struct tc_answer nothing = {.end = track->ended};
            track->state = TC_TRACK_IDLE;
            track->tries = 0;
            (void)track->kind->hear(survey, track, TC_VERDICT_UNCLEAR, &nothing);
            tc_survey_not_measured(
                survey, "the server did not answer, and no hello is known that it answers");
        }
    }
}

enum tc_survey_step tc_survey_next(struct tc_survey *survey, struct tc_question *out)
{
    if (survey->stopped != NULL) {
        return survey->num_out == 0 ? TC_SURVEY_DONE : TC_SURVEY_WAIT;
    }
    if (survey->num_out >= survey->options.parallel || (survey->num_out > 0 && survey->is_alone)) {
        return TC_SURVEY_WAIT;
    }
    if (ask_control_at_once(survey, out) ||
        (tc_survey_budget(survey) > 0 && ask_any_track(survey, out))) {
        return TC_SURVEY_ASK;
    }
    if (survey->num_out > 0) {
        return TC_SURVEY_WAIT; /* an answer may open other tracks, or prove what a control would */
    }
    size_t before = num_done(survey);
    if (ask_alone(survey, out)) {
        return TC_SURVEY_ASK;
    }
    if (num_done(survey) != before) { /* one had nothing to ask any more: others waited for that */
        return tc_survey_next(survey, out);
    }
    bool held = is_held(survey);
    if (!held && tc_survey_go_on(survey)) {
        return tc_survey_next(survey, out);
    }
    if ((held || wants_final_control(survey)) && ask_control(survey, out)) {
        return TC_SURVEY_ASK;
    }
    if (held) {
        release_held(survey);
        return tc_survey_next(survey, out);
    }
    if (ask_intrusive(survey, out)) {
        return TC_SURVEY_ASK;
    }
    if (would_ask(survey)) {
        tc_survey_stop(survey, "the connections allowed for this endpoint are used up");
    }
    return TC_SURVEY_DONE;
}

/* ---- questions, as they are sent ---- */

struct tc_track *tc_survey_find_track(struct tc_survey *survey, uint32_t id)
{
    if (survey->control.state == TC_TRACK_OUT && survey->control.id == id) {
        return &survey->control;
    }
    for (size_t i = 0; i < survey->num_tracks; i++) {
        if (survey->tracks[i].state == TC_TRACK_OUT && survey->tracks[i].id == id) {
            return &survey->tracks[i];
        }
    }
    return NULL;
}

enum tc_status tc_survey_hello(struct tc_survey *survey, uint32_t id, uint8_t *out, size_t capacity,
                               size_t *out_len, size_t *out_split)
{
    struct tc_hello hello;
    struct tc_track *track = tc_survey_find_track(survey, id);
    *out_split = 0;
    if (track != NULL && track->kind->is_ssl2) {
        uint64_t challenge[2] = {tc_survey_random(survey), tc_survey_random(survey)};
        return tc_hello_write_ssl2(out, capacity, out_len, (const uint8_t *)challenge);
    }
    if (track != NULL && track->kind->request != NULL) {
        return track->kind->request(survey, out, capacity, out_len);
    }
    if (track == NULL || track->kind->hello == NULL) {
        return TC_ERR_RANGE;
    }
    track->kind->hello(survey, track, &hello);
    enum tc_status status = tc_hello_write(&hello, out, capacity, out_len);
    if (status == TC_OK && track->kind->is_split) {
        *out_split = *out_len / 2;
    }
    return status;
}

enum tc_status tc_survey_follow_up(struct tc_survey *survey, uint32_t id,
                                   const struct tc_flight *flight, uint8_t *out, size_t capacity,
                                   size_t *out_len)
{
    const struct tc_track *track = tc_survey_find_track(survey, id);
    if (track == NULL || track->kind->follow_up == NULL || flight->state != TC_FLIGHT_HELLO_DONE) {
        return TC_ERR_RANGE;
    }
    if (capacity < TC_SURVEY_MAX_FOLLOW_UP) {
        return TC_ERR_LIMIT;
    }
    size_t len = track->kind->follow_up(flight, out);
    if (len == 0) {
        return TC_ERR_RANGE;
    }
    *out_len = len;
    return TC_OK;
}

/* ---- beginning and end ---- */

static void init_levels(struct tc_survey *survey)
{
    static const uint16_t versions[TC_LEVEL_COUNT] = {TC_SSL2,   TC_SSL3,   TC_TLS1,
                                                      TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};
    const struct tc_fact unknown = {.value = TC_UNKNOWN, .number = TC_FEATURE_NO_VALUE};
    for (size_t i = 0; i < TC_LEVEL_COUNT; i++) {
        struct tc_level *level = &survey->levels[i];
        level->version = versions[i];
        level->supported = unknown;
        level->complete = unknown;
        level->order = unknown;
        level->sentinel = unknown;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(survey->traits); i++) {
        survey->traits[i] = unknown;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(survey->dh); i++) {
        survey->dh[i] = unknown;
    }
    survey->groups13.complete = survey->groups13.order = unknown;
    survey->groups12.complete = survey->groups12.order = unknown;
    survey->alpn_complete = unknown;
    survey->schemes12_complete = survey->schemes13_complete = unknown;
}

enum tc_status tc_survey_new(struct tc_survey **out, const struct tc_survey_options *options)
{
    struct tc_survey *survey = calloc(1, sizeof *survey);
    if (survey == NULL) {
        return TC_ERR_NOMEM;
    }
    survey->options = *options;
    survey->random = options->seed;
    tc_survey_init_control(survey);
    survey->gives_session_ids = TC_UNKNOWN;
    init_levels(survey);
    tc_survey_list_candidates(survey);
    tc_survey_list_groups(survey);
    tc_survey_list_alpn(survey);
    tc_survey_read_own_handshake(survey);
    tc_survey_add_orders(survey);
    tc_survey_add_finite13(survey);
    tc_survey_add_tls13(survey);
    tc_survey_add_old_sessions(survey);
    tc_survey_add_suite_loops(survey);
    tc_survey_add_ssl2(survey);
    tc_survey_add_habits(survey);
    tc_survey_add_groups12(survey);
    tc_survey_add_alpn_names(survey);
    tc_survey_add_names(survey);
    tc_survey_add_repetition(survey);
    tc_survey_add_sessions(survey);
    if (options->depth == TC_SURVEY_DEEP) {
        tc_survey_add_deep(survey);
    }
    tc_survey_add_intrusive(survey);
    enum tc_status status = tc_survey_plan(survey);
    if (status != TC_OK) {
        tc_survey_free(survey);
        return status;
    }
    *out = survey;
    return TC_OK;
}

void tc_survey_free(struct tc_survey *survey)
{
    if (survey != NULL) {
        free(survey->beginning);
        free(survey);
    }
}

void tc_survey_stop(struct tc_survey *survey, const char *reason)
{
    if (survey->stopped == NULL) {
        survey->stopped = reason;
    }
}

unsigned tc_survey_connections(const struct tc_survey *survey)
{
    return survey->asked;
}
