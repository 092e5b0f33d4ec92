/*
 * Protocol names (RFC 7301) below TLS 1.3, beyond those that the loop's answers have shown: they
 * ride along in its hellos, and a server with few suites is asked few of these.
 */
#include "protocol/survey_internal.h"

static enum tc_ask names_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    (void)track;
    (void)out;
    enum tc_ask answer = tc_survey_ask_old(survey);
    if (answer == TC_ASK_YES && (survey->plain_hellos || !tc_survey_offers_alpn(survey))) {
        return TC_ASK_NEVER;
    }
    return answer;
}

static void names_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    (void)track;
    tc_survey_begin_plain_hello(survey, hello, best, TC_HELLO_OWN_NAME);
    tc_survey_add_alpn(survey, hello);
    tc_survey_end_plain_hello(survey, hello, best);
}

static enum tc_survey_chain names_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    if (verdict == TC_VERDICT_ACCEPTED && tc_survey_read_alpn(survey, answer->flight)) {
        return TC_SURVEY_CHAIN_NONE; /* another one: on with the rest */
    }
    track->state = TC_TRACK_DONE;
    if (verdict == TC_VERDICT_REFUSED && answer->flight != NULL &&
        answer->flight->alert == TC_ALERT_NO_APPLICATION_PROTOCOL) {
        tc_survey_know(survey, &survey->alpn_complete, TC_YES);
        tc_survey_trait(survey, TC_TRAIT_ALPN_STRICT, TC_YES);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_names = {.name = "protocol names",
                                             .ask = names_ask,
                                             .hello = names_hello,
                                             .hear = names_hear,
                                             .is_always_asked = true};

void tc_survey_add_alpn_names(struct tc_survey *survey)
{
    survey->alpn_tracks[0] = tc_survey_add_track(survey, &k_names);
}
