/*
 * Habits that one or two hellos tell: what becomes of a protocol name that nobody has (RFC 7301
 * section 3.2), and whether a Diffie-Hellman key is used again (the condition of CVE-2020-1968).
 */
#include "protocol/survey_internal.h"

static const char k_nonsense[] = "tlscensus-unknown";

/* ---- protocol names: in the clear below TLS 1.3, else by a real handshake ---- */

static enum tc_ask strict_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    (void)out;
    if (track->step > 0 || survey->traits[TC_TRAIT_ALPN_STRICT].value != TC_UNKNOWN) {
        return TC_ASK_NEVER;
    }
    return tc_survey_ask_old(survey);
}

static void strict_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const char *const names[] = {k_nonsense};
    enum tc_level_index best = tc_survey_best_old_level(survey);
    (void)track;
    tc_survey_begin_plain_hello(survey, hello, best, TC_HELLO_OWN_NAME);
    tc_hello_add_alpn(hello, names, TC_ARRAY_LEN(names));
    tc_survey_end_plain_hello(survey, hello, best);
}

static enum tc_ask strict_real_ask(struct tc_survey *survey, struct tc_track *track,
                                   struct tc_question *out)
{
    if (track->step > 0 || survey->traits[TC_TRAIT_ALPN_STRICT].value != TC_UNKNOWN ||
        !survey->options.handshake.is_done) {
        return TC_ASK_NEVER;
    }
    if (!tc_survey_old_levels_are_known(survey)) {
        return TC_ASK_LATER;
    }
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (best != TC_LEVEL_COUNT && best != TC_LEVEL_SSL3) {
        return TC_ASK_NEVER; /* the other kind of track asks */
    }
    out->wish.alpn[0] = k_nonsense;
    out->wish.num_alpn = 1;
    return TC_ASK_YES;
}

static enum tc_survey_chain strict_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    uint8_t alert = answer->facts != NULL    ? answer->facts->alert
                    : answer->flight != NULL ? answer->flight->alert
                                             : 0;
    const char *chosen = answer->facts != NULL    ? answer->facts->alpn
                         : answer->flight != NULL ? answer->flight->alpn
                                                  : "";
    track->step = 1;
    if (verdict == TC_VERDICT_REFUSED && alert == TC_ALERT_NO_APPLICATION_PROTOCOL) {
        tc_survey_trait(survey, TC_TRAIT_ALPN_STRICT, TC_YES);
    } else if (verdict == TC_VERDICT_ACCEPTED && chosen[0] == '\0') {
        tc_survey_trait(survey, TC_TRAIT_ALPN_STRICT, TC_NO);
    }
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_strict = {.name = "strict about protocol names",
                                              .ask = strict_ask,
                                              .hello = strict_hello,
                                              .hear = strict_hear};
static const struct tc_track_kind k_strict_real = {
    .name = "strict, by handshake", .ask = strict_real_ask, .hear = strict_hear};

/* ---- Diffie-Hellman keys, where the loops have not met the same group twice ---- */

#define DH_TRIES 2

static enum tc_ask reuse_ask(struct tc_survey *survey, struct tc_track *track,
                             struct tc_question *out)
{
    (void)out;
    if (track->step >= DH_TRIES || survey->traits[TC_TRAIT_DH_KEY_REUSE].value != TC_UNKNOWN) {
        return TC_ASK_NEVER;
    }
    enum tc_ask answer = tc_survey_ask_old(survey);
    if (answer != TC_ASK_YES) {
        return answer;
    }
    struct tc_bits suites = tc_survey_dhe_suites(survey, tc_survey_best_old_level(survey));
    return tc_bits_any(&suites) ? TC_ASK_YES : TC_ASK_NEVER;
}

static void reuse_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    uint16_t version = survey->levels[best].version;
    struct tc_bits suites = tc_survey_dhe_suites(survey, best);
    (void)track;
    tc_survey_begin_hello(survey, hello, version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, version, NULL, 0);
}

static enum tc_survey_chain reuse_hear(struct tc_survey *survey, struct tc_track *track,
                                       enum tc_verdict verdict, const struct tc_answer *answer)
{
    track->step = verdict == TC_VERDICT_ACCEPTED ? track->step + 1 : DH_TRIES;
    return verdict == TC_VERDICT_ACCEPTED ? tc_survey_read_flight(survey, answer->flight, false)
                                          : TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_reuse = {
    .name = "DH key reuse", .ask = reuse_ask, .hello = reuse_hello, .hear = reuse_hear};

void tc_survey_add_deep_habits(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_strict); /* a full list has said so already */
    (void)tc_survey_add_track(survey, &k_strict_real);
    (void)tc_survey_add_track(survey, &k_reuse);
}
