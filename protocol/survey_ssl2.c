/* SSL 2.0: one CLIENT-HELLO with all of its cipher specs, and its answer names those that the
 * server has. */
#include "protocol/survey_internal.h"

static enum tc_ask ssl2_ask(struct tc_survey *survey, struct tc_track *track,
                            struct tc_question *out)
{
    (void)survey;
    out->keeps_certificates = true;
    return track->step == 0 ? TC_ASK_YES : TC_ASK_NEVER;
}

/*
 * A SERVER-HELLO without specs speaks SSL 2.0 all the same: CVE-2015-3197 let clients use specs
 * that were switched off.
 */
static enum tc_survey_chain ssl2_hear(struct tc_survey *survey, struct tc_track *track,
                                      enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_level *level = &survey->levels[TC_LEVEL_SSL2];
    track->step = 1;
    level->is_decided = true;
    if (verdict == TC_VERDICT_UNCLEAR) {
        return TC_SURVEY_CHAIN_NONE;
    }
    bool is_spoken =
        verdict == TC_VERDICT_ACCEPTED && answer->flight->state == TC_FLIGHT_SSL2_HELLO;
    tc_survey_know(survey, &level->supported, is_spoken ? TC_YES : TC_NO);
    if (!is_spoken) {
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_know(survey, &level->complete, TC_YES);
    for (size_t i = 0; i < answer->flight->num_specs && i < TC_ARRAY_LEN(survey->ssl2_specs); i++) {
        survey->ssl2_specs[i] = answer->flight->specs[i];
        survey->num_ssl2_specs = i + 1;
    }
    return answer->flight->num_certificates > 0 ? TC_SURVEY_CHAIN_SSL2 : TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_ssl2 = {
    .name = "ssl2", .ask = ssl2_ask, .hear = ssl2_hear, .is_ssl2 = true};

void tc_survey_add_ssl2(struct tc_survey *survey)
{
    struct tc_track *track = tc_survey_add_track(survey, &k_ssl2);
    if (track != NULL) {
        track->level = TC_LEVEL_SSL2;
    }
}
