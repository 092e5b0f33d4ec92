/*
 * A survey that was given the features of the last one: whether they can be confirmed, what follows
 * when they are, and when something has moved. Anything that is not as it was, or gets no clear
 * answer, ends in a survey of everything, as if there had been no last one.
 */
#include <stdlib.h>
#include <string.h>

#include "protocol/survey_confirm.h"

/* ---- what the last survey says ---- */

enum tc_tristate tc_survey_previous_trait(const struct tc_survey *survey, uint16_t version,
                                          enum tc_trait trait)
{
    return tc_features_get(survey->options.previous, TC_FEATURE_TRAIT, version, trait);
}

static enum tc_tristate spoken(const struct tc_survey *survey, size_t level)
{
    return tc_features_get(survey->options.previous, TC_FEATURE_VERSION, 0,
                           survey->levels[level].version);
}

bool tc_survey_previously_spoken(const struct tc_survey *survey, size_t level)
{
    return spoken(survey, level) == TC_YES;
}

size_t tc_survey_previous_best(const struct tc_survey *survey)
{
    for (size_t level = TC_LEVEL_TLS1_2; level >= TC_LEVEL_SSL3; level--) {
        if (tc_survey_previously_spoken(survey, level)) {
            return level;
        }
    }
    return TC_LEVEL_COUNT;
}

struct tc_bits tc_survey_previous_suites(const struct tc_survey *survey, size_t level)
{
    struct tc_bits suites = {{0}};
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (tc_features_get(survey->options.previous, TC_FEATURE_CIPHER,
                            survey->levels[level].version, survey->candidates[i]->code) == TC_YES) {
            tc_bits_set(&suites, i);
        }
    }
    return suites;
}

uint64_t tc_survey_previous_groups(const struct tc_survey *survey,
                                   const struct tc_group_state *groups, uint16_t version)
{
    uint64_t known = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if (tc_features_get(survey->options.previous, TC_FEATURE_GROUP, version,
                            groups->known[i]->code) == TC_YES) {
            known |= UINT64_C(1) << i;
        }
    }
    return known;
}

/* ---- whether it can be confirmed ---- */

static bool has_list(const struct tc_survey *survey, size_t level)
{
    uint16_t version = survey->levels[level].version;
    struct tc_bits suites = tc_survey_previous_suites(survey, level);
    size_t num = 0;
    for (size_t i = 0; i < survey->num_candidates; i++) {
        num += tc_bits_get(&suites, i) ? 1 : 0;
    }
    return num > 0 && num <= TC_MAX_PER_HELLO &&
           tc_survey_previous_trait(survey, version, TC_TRAIT_CIPHERS_COMPLETE) == TC_YES;
}

/* Nothing in it is open that the questions build on. */
static bool is_whole(const struct tc_survey *survey)
{
    size_t best = tc_survey_previous_best(survey);
    for (size_t level = TC_LEVEL_SSL2; level <= TC_LEVEL_TLS1_3; level++) {
        if (spoken(survey, level) == TC_UNKNOWN) {
            return false;
        }
    }
    for (size_t level = TC_LEVEL_SSL3; level <= TC_LEVEL_TLS1_3; level++) {
        if (tc_survey_previously_spoken(survey, level) && !has_list(survey, level)) {
            return false;
        }
    }
    bool has_tls13 = tc_survey_previously_spoken(survey, TC_LEVEL_TLS1_3);
    if (has_tls13 &&
        tc_survey_previous_trait(survey, TC_TLS1_3, TC_TRAIT_GROUPS_COMPLETE) != TC_YES) {
        return false;
    }
    return (has_tls13 || best != TC_LEVEL_COUNT) &&
           tc_survey_previous_trait(survey, 0, TC_TRAIT_SURVEY_COMPLETE) == TC_YES &&
           tc_survey_previous_trait(survey, 0, TC_TRAIT_CONSISTENT) != TC_NO;
}

static bool knows_alpn(const struct tc_survey *survey, const char *name)
{
    return tc_features_get(survey->options.previous, TC_FEATURE_ALPN, 0,
                           tc_survey_alpn_code(name)) == TC_YES;
}

/* It offered h2 where that is of use, and who had it would have chosen it. */
static bool own_alpn_agrees(const struct tc_survey *survey)
{
    const struct tc_handshake_facts *own = &survey->options.handshake;
    if (own->alpn[0] != '\0' && !knows_alpn(survey, own->alpn)) {
        return false;
    }
    for (size_t i = 0; i < survey->num_alpn && own->offered_alpn; i++) {
        bool is_missed = own->alpn[0] == '\0' || strcmp(survey->alpn[i], "h2") == 0;
        if (is_missed && strcmp(own->alpn, survey->alpn[i]) != 0 &&
            knows_alpn(survey, survey->alpn[i])) {
            return false;
        }
    }
    return true;
}

/* What the endpoint's own handshake told, at no cost. */
static bool own_handshake_agrees(const struct tc_survey *survey)
{
    const struct tc_features *previous = survey->options.previous;
    const struct tc_handshake_facts *own = &survey->options.handshake;
    size_t level = tc_level_of(own->version);
    if (!own->is_done || level == TC_LEVEL_COUNT || own->leaf_key == TC_LEAF_NONE ||
        !tc_survey_previously_spoken(survey, level)) {
        return false;
    }
    for (size_t above = level + 1; above <= TC_LEVEL_TLS1_3; above++) {
        if (tc_survey_previously_spoken(survey, above)) {
            return false;
        }
    }
    enum tc_trait leaf =
        own->leaf_key == TC_LEAF_RSA ? TC_TRAIT_RSA_CERTIFICATE : TC_TRAIT_ECDSA_CERTIFICATE;
    uint16_t groups_of = own->version == TC_TLS1_3 ? TC_TLS1_3 : TC_TLS1_2;
    bool has_group = own->group == 0 ||
                     tc_features_get(previous, TC_FEATURE_GROUP, groups_of, own->group) == TC_YES;
    bool has_scheme = own->signature_scheme == 0 || own->version < TC_TLS1_2 ||
                      tc_features_get(previous, TC_FEATURE_SIGNATURE, own->version,
                                      own->signature_scheme) == TC_YES;
    return has_group && has_scheme && own_alpn_agrees(survey) &&
           tc_features_get(previous, TC_FEATURE_CIPHER, own->version, own->suite) == TC_YES &&
           tc_survey_previous_trait(survey, 0, leaf) == TC_YES;
}

/* Names that are known are not offered: of the others none may be chosen. */
static void leave_out_known_alpn(struct tc_survey *survey)
{
    for (size_t i = 0; i < survey->num_alpn; i++) {
        if (knows_alpn(survey, survey->alpn[i])) {
            survey->alpn_known[i] = TC_YES;
        }
    }
    /* One that refuses unknown names would refuse the hello. */
    survey->alpn_given_up = tc_survey_previous_trait(survey, 0, TC_TRAIT_ALPN_STRICT) == TC_YES;
}

enum tc_status tc_survey_plan(struct tc_survey *survey)
{
    if (survey->options.previous == NULL || !is_whole(survey) || !own_handshake_agrees(survey)) {
        return TC_OK;
    }
    survey->beginning = malloc(sizeof *survey->beginning);
    if (survey->beginning == NULL) {
        return TC_ERR_NOMEM;
    }
    *survey->beginning = *survey;
    survey->beginning->beginning = NULL;
    survey->plan = TC_PLAN_CONFIRM;
    survey->first_confirming = survey->num_tracks;
    leave_out_known_alpn(survey);
    size_t own = tc_survey_place(survey, survey->options.handshake.suite);
    if (own < TC_MAX_CANDIDATES) {
        tc_confirm_note(survey, tc_level_of(survey->options.handshake.version), own);
    }
    tc_survey_add_confirming(survey);
    return TC_OK;
}

/* ---- what was seen meanwhile ---- */

static bool is_refuted(enum tc_tristate previous, enum tc_tristate now)
{
    return (previous == TC_YES && now == TC_NO) || (previous == TC_NO && now == TC_YES);
}

/* Certificates, and what rides with them, are asked for anew whatever was before. */
static bool is_asked_anew(unsigned trait)
{
    switch (trait) {
    case TC_TRAIT_NO_SNI_ANSWERED:
    case TC_TRAIT_NO_SNI_SAME_CERTIFICATE:
    case TC_TRAIT_UNKNOWN_SNI_ANSWERED:
    case TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE:
    case TC_TRAIT_COMPRESSION:
    case TC_TRAIT_FALLBACK_SCSV:
    case TC_TRAIT_CLIENT_RENEGOTIATION:
    case TC_TRAIT_HEARTBEAT_UNPADDED:
    case TC_TRAIT_EARLY_CCS:
    case TC_TRAIT_HTTP_UPGRADE:
        return true;
    default:
        return false;
    }
}

static bool traits_agree(const struct tc_survey *survey)
{
    for (unsigned trait = 1; trait < TC_NUM_TRAITS; trait++) {
        enum tc_tristate now = survey->traits[trait].value;
        if (!is_asked_anew(trait) && is_refuted(tc_survey_previous_trait(survey, 0, trait), now)) {
            return false;
        }
    }
    for (size_t i = TC_LEVEL_SSL3; i <= TC_LEVEL_TLS1_2; i++) {
        const struct tc_level *level = &survey->levels[i];
        if (is_refuted(
                tc_survey_previous_trait(survey, level->version, TC_TRAIT_DOWNGRADE_SENTINEL),
                level->sentinel.value)) {
            return false;
        }
    }
    bool takes_early_data = survey->options.handshake.max_early_data_bytes > 0;
    return !takes_early_data || tc_survey_previous_trait(survey, 0, TC_TRAIT_EARLY_DATA) == TC_YES;
}

static bool lists_agree(const struct tc_survey *survey)
{
    const struct tc_features *previous = survey->options.previous;
    uint64_t groups = tc_survey_previous_groups(survey, &survey->groups12, TC_TLS1_2);
    if ((survey->groups12.yes & ~groups) != 0) {
        return false;
    }
    for (size_t i = 0; i < survey->num_alpn; i++) {
        if (survey->alpn_known[i] == TC_YES && !knows_alpn(survey, survey->alpn[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < survey->num_schemes; i++) {
        if (tc_features_get(previous, TC_FEATURE_SIGNATURE, TC_TLS1_2, survey->schemes[i]) !=
            TC_YES) {
            return false;
        }
    }
    for (uint32_t offer = TC_DH_CONFIGURED; offer <= TC_DH_EXPORT; offer++) {
        const struct tc_fact *now = &survey->dh[offer];
        const struct tc_feature *row = tc_features_find(previous, TC_FEATURE_DH, 0, offer);
        if (now->value == TC_YES && (row == NULL || row->value != now->number ||
                                     strcmp(row->text != NULL ? row->text : "", now->text) != 0)) {
            return false;
        }
    }
    return true;
}

/* A kind of leaf that was not there, or one that is no longer there. */
static bool leaves_agree(const struct tc_survey *survey)
{
    static const struct {
        enum tc_leaf_key key;
        enum tc_trait trait;
    } rows[] = {{TC_LEAF_RSA, TC_TRAIT_RSA_CERTIFICATE},
                {TC_LEAF_ECDSA, TC_TRAIT_ECDSA_CERTIFICATE}};
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        bool is_seen = tc_survey_has_leaf(survey, rows[i].key);
        if (is_seen && tc_survey_previous_trait(survey, 0, rows[i].trait) != TC_YES) {
            return false;
        }
    }
    return true;
}

static bool all_agrees(const struct tc_survey *survey)
{
    bool is_consistent = survey->traits[TC_TRAIT_CONSISTENT].value != TC_NO;
    return !survey->has_moved && is_consistent && traits_agree(survey) && lists_agree(survey) &&
           leaves_agree(survey);
}

/* ---- what follows ---- */

/* What is confirmed is known, so that those who ask on can build on it. */
static void adopt(struct tc_survey *survey)
{
    for (size_t i = TC_LEVEL_SSL2; i <= TC_LEVEL_TLS1_3; i++) {
        struct tc_level *level = &survey->levels[i];
        level->supported.value = spoken(survey, i);
        level->lanes_open = 0;
        if (i != TC_LEVEL_TLS1_3 || !survey->tls13_has_moved) {
            level->is_decided = true;
            level->yes = tc_survey_previous_suites(survey, i);
            level->complete.value =
                tc_survey_previous_trait(survey, level->version, TC_TRAIT_CIPHERS_COMPLETE);
        }
    }
    survey->alpn_given_up = false; /* one that refuses unknown names is asked on its own */
    survey->plan = TC_PLAN_CONFIRMED;
    survey->confirmed_seq = survey->last_refused;
}

/* As if nothing had been asked; but what became of the connections stays, and certificates. */
static void forget(struct tc_survey *survey)
{
    struct tc_survey *beginning = survey->beginning;
    beginning->random = survey->random;
    beginning->asked = survey->asked;
    beginning->last_accepted = survey->last_accepted;
    beginning->last_refused = survey->last_refused;
    beginning->control_version = survey->control_version;
    beginning->share13 = survey->share13;
    memcpy(beginning->leaves, survey->leaves, sizeof beginning->leaves);
    *survey = *beginning;
    free(beginning);
}

static bool confirming_is_over(const struct tc_survey *survey)
{
    for (size_t i = survey->first_confirming; i < survey->num_tracks; i++) {
        if (survey->tracks[i].state != TC_TRACK_DONE) {
            return false;
        }
    }
    return true;
}

bool tc_survey_go_on(struct tc_survey *survey)
{
    if (survey->plan == TC_PLAN_SURVEY || !confirming_is_over(survey)) {
        return false; /* in the latter case only the budget forbids more */
    }
    if (!all_agrees(survey)) {
        forget(survey);
        return true;
    }
    if (survey->plan == TC_PLAN_CONFIRMED) {
        return false;
    }
    adopt(survey);
    return true;
}

bool tc_survey_may_ask(const struct tc_survey *survey, const struct tc_track *track)
{
    switch (survey->plan) {
    case TC_PLAN_CONFIRM:
        return track >= &survey->tracks[survey->first_confirming];
    case TC_PLAN_CONFIRMED:
        if (track == survey->leaf_track) { /* else its suites have told */
            return tc_survey_previous_best(survey) == TC_LEVEL_COUNT;
        }
        if (survey->tls13_has_moved && track->kind->comes_first &&
            track->level == TC_LEVEL_TLS1_3) {
            return true;
        }
        return track->kind->is_always_asked || track->kind->is_intrusive ||
               (track->kind->repaired != 0 &&
                tc_survey_previous_trait(survey, 0, track->kind->repaired) != TC_YES);
    case TC_PLAN_SURVEY:
    default:
        return true;
    }
}

bool tc_survey_is_confirmed(const struct tc_survey *survey)
{
    return survey->plan == TC_PLAN_CONFIRMED && all_agrees(survey) &&
           (survey->confirmed_seq == 0 || survey->confirmed_seq < survey->last_accepted);
}

const struct tc_survey *tc_survey_without_previous(const struct tc_survey *survey)
{
    if (survey->plan == TC_PLAN_SURVEY) {
        return survey;
    }
    struct tc_survey *beginning = survey->beginning;
    beginning->stopped = survey->stopped != NULL
                             ? survey->stopped
                             : "the connections allowed for this endpoint are used up";
    return beginning;
}
