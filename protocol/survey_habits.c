/* Habits that one hello each tells: the fallback signal, compression, and groups of finite fields
 * by name. */
#include "protocol/survey_internal.h"

#define ALERT_INAPPROPRIATE_FALLBACK 86

/* ---- TLS_FALLBACK_SCSV (RFC 7507): below its best version, a server should object ---- */

/* The highest supported level that has a supported one above it. */
static enum tc_level_index fallback_level(const struct tc_survey *survey)
{
    bool has_newer = survey->levels[TC_LEVEL_TLS1_3].supported.value == TC_YES;
    for (int i = TC_LEVEL_TLS1_2; i >= TC_LEVEL_SSL3; i--) {
        if (survey->levels[i].supported.value != TC_YES) {
            continue;
        }
        if (has_newer) {
            return (enum tc_level_index)i;
        }
        has_newer = true;
    }
    return TC_LEVEL_COUNT;
}

static enum tc_ask scsv_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)out;
    if (track->step > 0) {
        return TC_ASK_NEVER;
    }
    if (survey->levels[TC_LEVEL_TLS1_3].supported.value == TC_UNKNOWN ||
        !tc_survey_old_levels_are_known(survey)) {
        return tc_survey_old_levels_are_known(survey) && survey->levels[TC_LEVEL_TLS1_3].is_decided
                   ? TC_ASK_NEVER
                   : TC_ASK_LATER;
    }
    return fallback_level(survey) == TC_LEVEL_COUNT ? TC_ASK_NEVER : TC_ASK_YES;
}

static void scsv_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    (void)track;
    tc_survey_plain_hello(survey, hello, fallback_level(survey), TC_HELLO_OWN_NAME);
    tc_hello_add_suite(hello, TC_SCSV_FALLBACK);
}

static enum tc_survey_chain scsv_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict == TC_VERDICT_ACCEPTED) {
        tc_survey_trait(survey, TC_TRAIT_FALLBACK_SCSV, TC_NO);
        tc_survey_read_session_id(survey, answer->flight);
    } else if (answer->flight != NULL && answer->flight->state == TC_FLIGHT_ALERT &&
               answer->flight->alert == ALERT_INAPPROPRIATE_FALLBACK) {
        tc_survey_trait(survey, TC_TRAIT_FALLBACK_SCSV, TC_YES);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_scsv = {.name = "fallback",
                                            .ask = scsv_ask,
                                            .hello = scsv_hello,
                                            .hear = scsv_hear,
                                            .repaired = TC_TRAIT_FALLBACK_SCSV};

/* ---- compression (RFC 3749, CVE-2012-4929): rides with the hello that names nobody, if there is
 * one ---- */

static enum tc_ask old_ask(struct tc_survey *survey, struct tc_track *track,
                           struct tc_question *out)
{
    (void)out;
    if (track->step > 0) {
        return TC_ASK_NEVER;
    }
    if (tc_survey_best_old_level(survey) != TC_LEVEL_COUNT) {
        return TC_ASK_YES;
    }
    return tc_survey_old_levels_are_known(survey) ? TC_ASK_NEVER : TC_ASK_LATER;
}

static enum tc_ask compression_ask(struct tc_survey *survey, struct tc_track *track,
                                   struct tc_question *out)
{
    if (survey->traits[TC_TRAIT_COMPRESSION].value != TC_UNKNOWN) {
        return TC_ASK_NEVER;
    }
    if (survey->compression_rides) {
        return TC_ASK_LATER;
    }
    return old_ask(survey, track, out);
}

static void compression_hello(struct tc_survey *survey, struct tc_track *track,
                              struct tc_hello *hello)
{
    (void)track;
    tc_survey_plain_hello(survey, hello, tc_survey_best_old_level(survey), TC_HELLO_OWN_NAME);
    hello->offers_compression = true;
}

static enum tc_survey_chain compression_hear(struct tc_survey *survey, struct tc_track *track,
                                             enum tc_verdict verdict,
                                             const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict == TC_VERDICT_ACCEPTED) {
        tc_survey_read_compression(survey, answer->flight);
    } else if (verdict == TC_VERDICT_REFUSED && tc_survey_best_old_level(survey) != TC_LEVEL_SSL3) {
        /* It objects to the offer, so it will not compress; RFC 5246 has no such refusal. In SSL
         * 3.0 it may as well mind that it is not named. */
        tc_survey_trait(survey, TC_TRAIT_COMPRESSION, TC_NO);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_compression = {.name = "compression",
                                                   .ask = compression_ask,
                                                   .hello = compression_hello,
                                                   .hear = compression_hear,
                                                   .is_always_asked = true};

/* ---- finite field groups by name (RFC 7919) ---- */

struct tc_bits tc_survey_dhe_suites(const struct tc_survey *survey, enum tc_level_index index)
{
    struct tc_bits suites = {{0}};
    for (size_t i = 0; i < survey->num_candidates; i++) {
        const struct tc_suite *suite = survey->candidates[i];
        if (suite->kx == TC_KX_DHE && !suite->is_export &&
            tc_bits_get(&survey->levels[index].yes, i)) {
            tc_bits_set(&suites, i);
        }
    }
    return suites;
}

static enum tc_ask named_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    enum tc_ask answer = old_ask(survey, track, out);
    if (answer != TC_ASK_YES) {
        return answer;
    }
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (survey->levels[best].lanes_open > 0) {
        return TC_ASK_LATER;
    }
    struct tc_bits suites = tc_survey_dhe_suites(survey, best);
    return best != TC_LEVEL_SSL3 && tc_bits_any(&suites) ? TC_ASK_YES : TC_ASK_NEVER;
}

static size_t finite_groups(uint16_t out[TC_MAX_GROUPS])
{
    size_t num_groups = 0;
    size_t num = 0;
    const struct tc_group *groups = tc_groups(&num_groups);
    for (size_t i = 0; i < num_groups && num < TC_MAX_GROUPS; i++) {
        if (groups[i].kind == TC_GROUP_FFDHE) {
            out[num] = groups[i].code;
            num++;
        }
    }
    return num;
}

static void named_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    uint16_t groups[TC_MAX_GROUPS];
    size_t num = finite_groups(groups);
    enum tc_level_index best = tc_survey_best_old_level(survey);
    struct tc_bits suites = tc_survey_dhe_suites(survey, best);
    (void)track;
    tc_survey_begin_hello(survey, hello, survey->levels[best].version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, survey->levels[best].version, groups, num);
}

static enum tc_survey_chain named_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = 1;
    if (verdict == TC_VERDICT_REFUSED) {
        tc_survey_know(survey, &survey->dh[TC_DH_NAMED], TC_NO);
    } else if (verdict == TC_VERDICT_ACCEPTED && answer->flight->exchange == TC_EXCHANGE_DHE) {
        tc_survey_read_dh(survey, answer->flight, TC_DH_NAMED);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_named = {
    .name = "named DH", .ask = named_ask, .hello = named_hello, .hear = named_hear};

void tc_survey_add_habits(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_compression); /* a full list has said so already */
    (void)tc_survey_add_track(survey, &k_named);
    (void)tc_survey_add_track(survey, &k_scsv);
}
