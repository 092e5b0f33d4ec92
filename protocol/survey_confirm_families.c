/*
 * What a repair would take away, and the other leaf: families of suites that the last survey found,
 * each of which must still be accepted. And SSL 2.0, which is such a family of its own.
 */
#include "protocol/survey_confirm.h"

/* ---- SSL 2.0 ---- */

static enum tc_ask ssl2_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)out;
    return survey->has_moved || track->step > 0 ? TC_ASK_NEVER : TC_ASK_YES;
}

static bool has_same_specs(const struct tc_survey *survey, const struct tc_flight *flight)
{
    const struct tc_features *previous = survey->options.previous;
    size_t num = 0;
    for (size_t i = 0; i < previous->num_items; i++) {
        const struct tc_feature *row = &previous->items[i];
        num += row->kind == TC_FEATURE_CIPHER && row->version == TC_SSL2 ? 1 : 0;
    }
    for (size_t i = 0; i < flight->num_specs; i++) {
        if (tc_features_get(previous, TC_FEATURE_CIPHER, TC_SSL2, flight->specs[i]) != TC_YES) {
            return false;
        }
    }
    return num == flight->num_specs;
}

static enum tc_survey_chain ssl2_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    bool is_spoken =
        verdict == TC_VERDICT_ACCEPTED && answer->flight->state == TC_FLIGHT_SSL2_HELLO;
    bool was_spoken = tc_survey_previously_spoken(survey, TC_LEVEL_SSL2);
    track->step = 1;
    if (verdict == TC_VERDICT_UNCLEAR || is_spoken != was_spoken ||
        (is_spoken && !has_same_specs(survey, answer->flight))) {
        return tc_confirm_moved(survey, track);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_ssl2 = {
    .name = "SSL 2.0 again", .ask = ssl2_ask, .hear = ssl2_hear, .is_ssl2 = true};

/* ---- what a repair would take away, and the other leaf: families of suites, one after another
 * ----
 */

enum family {
    FAMILY_INSECURE = 0,
    FAMILY_CBC,
    FAMILY_NO_SECRECY,
    FAMILY_DHE,
    FAMILY_OTHER_LEAF,
    FAMILY_COUNT
};

static bool is_in_family(const struct tc_survey *survey, const struct tc_suite *suite,
                         unsigned family)
{
    switch (family) {
    case FAMILY_INSECURE:
        return suite->quality == TC_QUALITY_INSECURE;
    case FAMILY_CBC:
        return suite->mode == TC_MODE_CBC;
    case FAMILY_NO_SECRECY:
        return !suite->forward_secrecy;
    case FAMILY_DHE:
        return suite->kx == TC_KX_DHE && !suite->is_export;
    case FAMILY_OTHER_LEAF:
    default:
        return tc_survey_suite_key(suite) != TC_LEAF_NONE &&
               tc_survey_suite_key(suite) != survey->options.handshake.leaf_key;
    }
}

static struct tc_bits family_of(const struct tc_survey *survey, const struct tc_track *track)
{
    struct tc_bits suites = tc_survey_previous_suites(survey, track->level);
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (!is_in_family(survey, survey->candidates[i], track->step)) {
            tc_bits_clear(&suites, i);
        }
    }
    return suites;
}

/* Whether a suite of it was chosen already. */
static bool is_confirmed(const struct tc_survey *survey, const struct tc_bits *family)
{
    uint64_t both = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(family->words); i++) {
        both |= family->words[i] & survey->confirmed.words[i];
    }
    return both != 0;
}

static enum tc_ask family_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    if (survey->has_moved) {
        return TC_ASK_NEVER;
    }
    if (tc_confirm_known_is_open(survey, track->level)) {
        return TC_ASK_LATER;
    }
    for (; track->step < FAMILY_COUNT; track->step++) {
        struct tc_bits suites = family_of(survey, track);
        if (tc_bits_any(&suites) && !is_confirmed(survey, &suites)) {
            out->keeps_certificates = true;
            return TC_ASK_YES;
        }
    }
    return TC_ASK_NEVER;
}

static void family_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    struct tc_bits suites = family_of(survey, track);
    struct tc_offer offer;
    tc_offer_suites(survey, track->level, &suites, &offer);
    tc_confirm_begin_hello(survey, hello, track->level, &offer);
    tc_survey_end_old_hello(survey, hello, survey->levels[track->level].version, NULL, 0);
}

static enum tc_survey_chain family_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_bits suites = family_of(survey, track);
    const struct tc_flight *flight = answer->flight;
    if (verdict != TC_VERDICT_ACCEPTED || tc_level_of(flight->version) != track->level) {
        return tc_confirm_moved(survey, track);
    }
    size_t place = tc_survey_place(survey, flight->suite);
    if (place == TC_MAX_CANDIDATES || !tc_bits_get(&suites, place)) {
        return tc_confirm_moved(survey, track);
    }
    tc_confirm_note(survey, track->level, place);
    track->step++;
    return tc_survey_read_flight(survey, flight, false);
}

static const struct tc_track_kind k_families = {
    .name = "families of suites", .ask = family_ask, .hello = family_hello, .hear = family_hear};

void tc_confirm_add_families(struct tc_survey *survey, size_t level)
{
    (void)tc_confirm_add(survey, &k_families, level);
}

void tc_confirm_add_ssl2(struct tc_survey *survey)
{
    (void)tc_confirm_add(survey, &k_ssl2, TC_LEVEL_SSL2);
}
