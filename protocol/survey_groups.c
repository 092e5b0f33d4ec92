/*
 * Groups of TLS 1.2 and below, beyond those that the loop's answers have shown: good ECDHE suites
 * alone, and only groups that are undecided, until refused. (RFC 8422 section 5.1.1)
 */
#include "protocol/survey_internal.h"

/* Groups that carry certificates: some stacks refuse an ECDSA leaf whose curve is not offered. */
static const uint16_t k_leaf_curves[] = {0x0017, 0x0018,
                                         0x0019}; /* secp256r1, secp384r1, secp521r1 */

static bool is_ecdhe(const struct tc_suite *suite, bool with_rsa)
{
    return suite->kx == TC_KX_ECDHE &&
           (with_rsa ? suite->auth == TC_AUTH_RSA : suite->auth != TC_AUTH_RSA);
}

/* Good suites with ECDHE: those that are signed with RSA, else the others. */
static struct tc_bits ecdhe_suites(const struct tc_survey *survey, enum tc_level_index index,
                                   bool *out_with_rsa)
{
    struct tc_bits suites = {{0}};
    for (int with_rsa = 1; with_rsa >= 0 && !tc_bits_any(&suites); with_rsa--) {
        for (size_t i = 0; i < survey->num_candidates; i++) {
            if (tc_bits_get(&survey->levels[index].yes, i) &&
                is_ecdhe(survey->candidates[i], with_rsa == 1)) {
                tc_bits_set(&suites, i);
            }
        }
        *out_with_rsa = with_rsa == 1;
    }
    return suites;
}

static bool is_asked(const struct tc_survey *survey, size_t place)
{
    return survey->options.depth == TC_SURVEY_DEEP || survey->groups12.known[place]->is_common;
}

static enum tc_ask groups_ask(struct tc_survey *survey, struct tc_track *track,
                              struct tc_question *out)
{
    struct tc_group_state *groups = &survey->groups12;
    enum tc_level_index best = tc_survey_best_old_level(survey);
    bool with_rsa = false;
    (void)track;
    (void)out;
    if (best == TC_LEVEL_COUNT) {
        return tc_survey_old_levels_are_known(survey) ? TC_ASK_NEVER : TC_ASK_LATER;
    }
    if (survey->levels[best].lanes_open > 0) {
        return TC_ASK_LATER; /* its answers tell groups for nothing */
    }
    struct tc_bits suites = ecdhe_suites(survey, best, &with_rsa);
    if (best == TC_LEVEL_SSL3 || !tc_bits_any(&suites) || groups->complete.value == TC_YES) {
        return TC_ASK_NEVER;
    }
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((groups->left >> i & 1) != 0 && is_asked(survey, i)) {
            return TC_ASK_YES;
        }
    }
    tc_survey_know(survey, &groups->complete, TC_YES);
    return TC_ASK_NEVER;
}

static void groups_hello(struct tc_survey *survey, struct tc_track *track, struct tc_hello *hello)
{
    const struct tc_group_state *groups = &survey->groups12;
    enum tc_level_index best = tc_survey_best_old_level(survey);
    bool with_rsa = false;
    uint16_t offered[TC_MAX_GROUPS];
    size_t num = 0;
    (void)track;
    struct tc_bits suites = ecdhe_suites(survey, best, &with_rsa);
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((groups->left >> i & 1) != 0 && is_asked(survey, i)) {
            offered[num] = groups->known[i]->code;
            num++;
        }
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_leaf_curves) && !with_rsa; i++) {
        size_t place = tc_groups_place(groups, k_leaf_curves[i]);
        if (place < TC_MAX_GROUPS && (groups->left >> place & 1) == 0) {
            offered[num] = k_leaf_curves[i];
            num++;
        }
    }
    tc_survey_begin_hello(survey, hello, survey->levels[best].version);
    tc_survey_add_suites(survey, hello, &suites, false);
    tc_survey_add_name(survey, hello, TC_HELLO_OWN_NAME);
    tc_survey_end_old_hello(survey, hello, survey->levels[best].version, offered, num);
}

static enum tc_survey_chain groups_hear(struct tc_survey *survey, struct tc_track *track,
                                        enum tc_verdict verdict, const struct tc_answer *answer)
{
    struct tc_group_state *groups = &survey->groups12;
    if (verdict == TC_VERDICT_UNCLEAR) {
        track->state = TC_TRACK_DONE;
        return TC_SURVEY_CHAIN_NONE;
    }
    if (verdict == TC_VERDICT_REFUSED) {
        tc_survey_know(survey, &groups->complete, TC_YES);
        return TC_SURVEY_CHAIN_NONE;
    }
    size_t place = tc_groups_place(groups, answer->flight->group);
    if (place < TC_MAX_GROUPS && (groups->left >> place & 1) != 0) {
        return tc_survey_read_flight(survey, answer->flight, false);
    }
    track->state = TC_TRACK_DONE;
    if (answer->flight->exchange != TC_EXCHANGE_ECDHE) {
        return TC_SURVEY_CHAIN_NONE; /* the flight does not say which: it broke off, or is strange
                                      */
    }
    if (place < TC_MAX_GROUPS && (groups->yes >> place & 1) != 0) {
        /* The leaf's curve, at the end of the list: a server that follows our order has no other
         * left. */
        tc_survey_know(survey, &groups->complete,
                       groups->order.value == TC_NO ? TC_YES : TC_UNKNOWN);
        return TC_SURVEY_CHAIN_NONE;
    }
    tc_survey_inconsistent(survey, "a group was chosen that was not offered");
    tc_survey_not_measured(survey, "a group was chosen that was not offered");
    return TC_SURVEY_CHAIN_NONE;
}

static const struct tc_track_kind k_groups = {
    .name = "groups", .ask = groups_ask, .hello = groups_hello, .hear = groups_hear};

void tc_survey_add_groups12(struct tc_survey *survey)
{
    (void)tc_survey_add_track(survey, &k_groups); /* a full list has said so already */
}
