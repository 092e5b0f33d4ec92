/*
 * Which certificate a server shows to who names nobody, and to who names somebody that it cannot
 * know. Below TLS 1.3 the certificate is in the clear; else a real handshake is asked for.
 */
#include <string.h>

#include "protocol/survey_internal.h"

/*
 * `lane` of these tracks is the enum tc_hello_name that they ask with. The hello without a name, in
 * the clear, offers compression too: it is a habit of the library, whoever is asked for. Where it
 * is refused, a hello of its own asks (survey_habits.c).
 */

static const struct tc_track_kind k_raw;

static bool has_no_name(const struct tc_survey *survey, const struct tc_track *track)
{
    return track->lane == TC_HELLO_NO_NAME && survey->options.server_name == NULL;
}

/* Steps of a track: asked at once, or once more when all leaves have come to light. */
enum { STEP_EARLY = 0, STEP_DONE, STEP_LATE };

/*
 * Whether the answer can be compared: with the leaf that the loop's first choice brought, which
 * this hello will most likely get as well, or with all that the whole loop brought.
 */
static bool has_leaf(const struct tc_survey *survey, const struct tc_track *track,
                     const struct tc_level *level)
{
    if (level->lanes_open == 0) {
        return true;
    }
    if (track->step == STEP_LATE || level->choices.num == 0) {
        return false;
    }
    enum tc_leaf_key key = tc_survey_suite_key(survey->candidates[level->choices.chosen[0]]);
    return key != TC_LEAF_NONE && tc_survey_has_leaf(survey, key);
}

static enum tc_ask raw_ask(struct tc_survey *survey, struct tc_track *track,
                           struct tc_question *out)
{
    if (track->step == STEP_DONE || has_no_name(survey, track)) {
        return TC_ASK_NEVER; /* answered, or the endpoint's own hello had no name either */
    }
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (best != TC_LEVEL_COUNT && best != TC_LEVEL_SSL3) {
        out->keeps_certificates = true;
        return tc_survey_is_highest(survey, best) && has_leaf(survey, track, &survey->levels[best])
                   ? TC_ASK_YES
                   : TC_ASK_LATER;
    }
    if (best != TC_LEVEL_SSL3 && !tc_survey_old_levels_are_known(survey)) {
        return TC_ASK_LATER;
    }
    survey->compression_rides = false; /* there will be no such hello */
    return TC_ASK_NEVER;
}

static void raw_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    /* All common suites: servers behind other names may have other suites, and other keys. */
    uint16_t version = survey->levels[best].version;
    tc_survey_begin_hello(survey, hello, version);
    for (size_t i = 0; i < survey->num_common && hello->num_suites < TC_MAX_PER_HELLO; i++) {
        if (tc_survey_suite_fits(survey->candidates[i], version)) {
            tc_hello_add_suite(hello, (uint16_t)survey->candidates[i]->code);
        }
    }
    tc_survey_add_name(survey, hello, (enum tc_hello_name)track->lane);
    hello->offers_compression = track->lane == TC_HELLO_NO_NAME;
    tc_survey_end_old_hello(survey, hello, version, NULL, 0);
}

static enum tc_ask real_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    if (track->step == STEP_DONE || has_no_name(survey, track) ||
        !survey->options.handshake.is_done) {
        return TC_ASK_NEVER; /* or the library cannot talk to it, whatever the name */
    }
    if (!tc_survey_old_levels_are_known(survey)) {
        return TC_ASK_LATER;
    }
    if (tc_survey_best_old_level(survey) != TC_LEVEL_COUNT ||
        survey->levels[TC_LEVEL_TLS1_3].supported.value != TC_YES) {
        return TC_ASK_NEVER; /* the other kind of track asks, or nobody can */
    }
    out->wish.name = track->lane == TC_HELLO_NO_NAME ? TC_NAME_NONE : TC_NAME_UNKNOWN;
    return TC_ASK_YES;
}

/* The leaf that came; false where none did. */
static bool leaf_of(const struct tc_answer *answer, uint8_t out[32], enum tc_leaf_key *out_key)
{
    if (answer->flight != NULL) {
        *out_key = tc_survey_leaf_key(answer->flight);
        return *out_key != TC_LEAF_NONE && tc_flight_leaf_sha256(answer->flight, out);
    }
    if (answer->facts == NULL || answer->facts->leaf_key == TC_LEAF_NONE) {
        return false;
    }
    *out_key = answer->facts->leaf_key;
    memcpy(out, answer->facts->leaf_sha256, 32);
    return true;
}

/* Compared with the leaf of the same kind that the server's own name gets, once that is known. */
static enum tc_tristate is_own_leaf(const struct tc_survey *survey, const uint8_t leaf[32],
                                    enum tc_leaf_key key)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (tc_survey_has_leaf(survey, key)) {
        return memcmp(survey->leaves[key], leaf, 32) == 0 ? TC_YES : TC_NO;
    }
    /* The own name has none of this kind, as far as the suites tell. */
    return best != TC_LEVEL_COUNT && survey->levels[best].complete.value == TC_YES ? TC_NO
                                                                                   : TC_UNKNOWN;
}

static enum tc_survey_chain names_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    bool no_name = track->lane == TC_HELLO_NO_NAME;
    enum tc_trait answered = no_name ? TC_TRAIT_NO_SNI_ANSWERED : TC_TRAIT_UNKNOWN_SNI_ANSWERED;
    enum tc_trait same =
        no_name ? TC_TRAIT_NO_SNI_SAME_CERTIFICATE : TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE;
    uint8_t leaf[32];
    enum tc_leaf_key key = TC_LEAF_NONE;
    unsigned step = track->step;
    track->step = STEP_DONE;
    if (no_name && track->kind == &k_raw) {
        survey->compression_rides = false;
        if (verdict == TC_VERDICT_ACCEPTED) {
            tc_survey_read_compression(survey, answer->flight);
        }
    }
    if (verdict == TC_VERDICT_UNCLEAR) {
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_trait(survey, answered, verdict == TC_VERDICT_ACCEPTED ? TC_YES : TC_NO);
    if (verdict != TC_VERDICT_ACCEPTED || !leaf_of(answer, leaf, &key)) {
        return TC_SURVEY_CHAIN_NONE;
    }
    enum tc_tristate is_same = is_own_leaf(survey, leaf, key);
    if (is_same == TC_UNKNOWN && step == STEP_EARLY && track->kind == &k_raw) {
        track->step = STEP_LATE;
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_trait(survey, same, is_same);
    if (is_same == TC_YES) {
        return TC_SURVEY_CHAIN_NONE;
    }
    return no_name ? TC_SURVEY_CHAIN_NO_SNI : TC_SURVEY_CHAIN_UNKNOWN_SNI;
}

static const struct tc_track_kind k_raw = {.name = "names",
                                           .ask = raw_ask,
                                           .hello = raw_hello,
                                           .hear = names_hear,
                                           .is_always_asked = true};
static const struct tc_track_kind k_real = {
    .name = "names by handshake", .ask = real_ask, .hear = names_hear, .is_always_asked = true};

void tc_survey_add_names(struct tc_survey *survey)
{
    survey->compression_rides = survey->options.server_name != NULL;
    for (unsigned name = TC_HELLO_NO_NAME; name <= TC_HELLO_UNKNOWN_NAME; name++) {
        const struct tc_track_kind *kinds[] = {&k_raw, &k_real};
        for (size_t i = 0; i < TC_ARRAY_LEN(kinds); i++) {
            struct tc_track *track = tc_survey_add_track(survey, kinds[i]);
            if (track != NULL) {
                track->lane = name;
            }
        }
    }
}
