/* What a survey found, as features. A no that nothing proved is not measured. */
#include "protocol/survey_internal.h"
#include <stdio.h>

/* A set in the making: the first failure stays. */
struct result {
    const struct tc_survey *survey;
    struct tc_features *features;
    enum tc_status status;
};

static void put(struct result *result, struct tc_feature feature, const char *text)
{
    char copy[256];
    if (text != NULL) {
        (void)snprintf(copy, sizeof copy, "%s", text);
        feature.text = copy;
    }
    if (result->status == TC_OK) {
        result->status = tc_features_put(result->features, &feature);
    }
}

static void put_value(struct result *result, enum tc_feature_kind kind, uint16_t version,
                      uint32_t code, enum tc_tristate value)
{
    const struct tc_feature feature = {.kind = kind,
                                       .version = version,
                                       .code = code,
                                       .supported = value,
                                       .value = TC_FEATURE_NO_VALUE};
    put(result, feature, NULL);
}

static void put_fact(struct result *result, enum tc_feature_kind kind, uint16_t version,
                     uint32_t code, const struct tc_fact *fact)
{
    const struct tc_feature feature = {.kind = kind,
                                       .version = version,
                                       .code = code,
                                       .supported = tc_survey_settled(result->survey, fact),
                                       .value = fact->number};
    put(result, feature, fact->text);
}

static void put_complete(struct result *result, uint16_t version, enum tc_trait trait,
                         const struct tc_fact *fact)
{
    put_value(result, TC_FEATURE_TRAIT, version, trait,
              tc_survey_settled_list(result->survey, fact));
}

/* A place's rank from 1 where the server has an order of its own, and something to put in order,
 * else 0. */
static uint16_t rank_of(const struct tc_choices *choices, const struct tc_fact *order, size_t place)
{
    if (order->value != TC_YES || choices->num < 2) {
        return 0;
    }
    for (size_t i = 0; i < choices->num; i++) {
        if (choices->chosen[i] == place) {
            return (uint16_t)(i + 1);
        }
    }
    return 0;
}

/* Returns how many there are. */
static size_t put_suites(struct result *result, const struct tc_level *level)
{
    const struct tc_survey *survey = result->survey;
    size_t num = 0;
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (tc_bits_get(&level->yes, i)) {
            const struct tc_feature feature = {
                .kind = TC_FEATURE_CIPHER,
                .version = level->version,
                .code = survey->candidates[i]->code,
                .supported = TC_YES,
                .rank = rank_of(&level->choices, &level->order, i),
                .value = TC_FEATURE_NO_VALUE,
            };
            put(result, feature, NULL);
            num++;
        }
    }
    return num;
}

static void put_level(struct result *result, const struct tc_level *level)
{
    put_fact(result, TC_FEATURE_VERSION, 0, level->version, &level->supported);
    if (level->supported.value != TC_YES) {
        return;
    }
    size_t num_suites = put_suites(result, level);
    put_complete(result, level->version, TC_TRAIT_CIPHERS_COMPLETE, &level->complete);
    /* One suite has no order; and two that never were on offer together show none of the server's.
     */
    bool has_order = level->order.value == TC_YES ? level->choices.num > 1 : num_suites > 1;
    if (has_order) {
        put_fact(result, TC_FEATURE_TRAIT, level->version, TC_TRAIT_CIPHER_ORDER, &level->order);
    }
    if (level->sentinel.value != TC_UNKNOWN) {
        put_fact(result, TC_FEATURE_TRAIT, level->version, TC_TRAIT_DOWNGRADE_SENTINEL,
                 &level->sentinel);
    }
}

static void put_ssl2_specs(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    for (size_t i = 0; i < survey->num_ssl2_specs; i++) {
        put_value(result, TC_FEATURE_CIPHER, TC_SSL2, survey->ssl2_specs[i], TC_YES);
    }
}

static void put_groups(struct result *result, const struct tc_group_state *groups, uint16_t version)
{
    size_t num_yes = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((groups->yes >> i & 1) != 0) {
            const struct tc_feature feature = {
                .kind = TC_FEATURE_GROUP,
                .version = version,
                .code = groups->known[i]->code,
                .supported = TC_YES,
                .rank = rank_of(&groups->choices, &groups->order, i),
                .value = TC_FEATURE_NO_VALUE,
            };
            put(result, feature, NULL);
            num_yes++;
        }
    }
    if (num_yes > 0) {
        put_complete(result, version, TC_TRAIT_GROUPS_COMPLETE, &groups->complete);
    }
    if (num_yes > 1 && groups->order.value != TC_UNKNOWN) {
        put_fact(result, TC_FEATURE_TRAIT, version, TC_TRAIT_GROUP_ORDER, &groups->order);
    }
}

/* Whether a suite was accepted that needs such a leaf: it is served, even if it was not seen. */
static bool has_suite_for(const struct tc_survey *survey, enum tc_leaf_key key)
{
    for (size_t level = TC_LEVEL_SSL3; level <= TC_LEVEL_TLS1_2; level++) {
        for (size_t i = 0; i < survey->num_candidates; i++) {
            if (tc_bits_get(&survey->levels[level].yes, i) &&
                tc_survey_suite_key(survey->candidates[i]) == key) {
                return true;
            }
        }
    }
    return false;
}

/*
 * A kind of leaf that no suite of a complete list needs is not there; unless TLS 1.3, whose suites
 * say nothing, has another one.
 */
static bool is_ruled_out(const struct tc_survey *survey, enum tc_leaf_key key)
{
    bool has_list = false;
    bool is_preferred = survey->options.handshake.leaf_key == TC_LEAF_RSA && key == TC_LEAF_ECDSA;
    if (tc_survey_settled(survey, &survey->levels[TC_LEVEL_TLS1_3].supported) != TC_NO &&
        !is_preferred) {
        return false;
    }
    for (size_t i = TC_LEVEL_SSL3; i <= TC_LEVEL_TLS1_2; i++) {
        const struct tc_level *level = &survey->levels[i];
        bool is_complete = tc_survey_settled_list(survey, &level->complete) == TC_YES;
        if (tc_survey_settled(survey, &level->supported) != TC_NO && !is_complete) {
            return false;
        }
        has_list = has_list || is_complete;
    }
    return has_list;
}

/* Whether a leaf with such a key is served. */
static enum tc_tristate leaf_value(const struct tc_survey *survey, enum tc_leaf_key key)
{
    enum tc_trait trait =
        key == TC_LEAF_RSA ? TC_TRAIT_RSA_CERTIFICATE : TC_TRAIT_ECDSA_CERTIFICATE;
    enum tc_tristate value = tc_survey_settled(survey, &survey->traits[trait]);
    if (tc_survey_has_leaf(survey, key) || has_suite_for(survey, key)) {
        value = TC_YES;
    } else if (value == TC_UNKNOWN && is_ruled_out(survey, key)) {
        value = TC_NO;
    }
    return value;
}

static void put_signature(struct result *result, uint16_t version, uint16_t code,
                          enum tc_tristate value, uint16_t rank)
{
    const struct tc_feature feature = {.kind = TC_FEATURE_SIGNATURE,
                                       .version = version,
                                       .code = code,
                                       .supported = value,
                                       .rank = rank,
                                       .value = TC_FEATURE_NO_VALUE};
    put(result, feature, NULL);
}

/*
 * Schemes that servers have and our library cannot verify are open, unless there is no leaf of
 * their kind: what is not on the list then is not there.
 */
static void put_open_signatures(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    uint16_t common[TC_MAX_OFFERED_SCHEMES];
    size_t num_common = tc_survey_common_schemes(TC_TLS1_3, common);
    enum tc_tristate rsa = leaf_value(survey, TC_LEAF_RSA);
    enum tc_tristate ecdsa = leaf_value(survey, TC_LEAF_ECDSA);
    for (size_t i = 0; i < num_common; i++) {
        const struct tc_scheme *scheme = tc_scheme_find(common[i]);
        bool is_told =
            tc_features_find(result->features, TC_FEATURE_SIGNATURE, TC_TLS1_3, common[i]) != NULL;
        bool has_no_leaf = (scheme->auth == TC_AUTH_RSA && rsa == TC_NO) ||
                           (scheme->auth == TC_AUTH_ECDSA && ecdsa == TC_NO);
        if (scheme->is_tls13 && !is_told && !has_no_leaf) {
            put_signature(result, TC_TLS1_3, common[i], TC_UNKNOWN, 0);
        }
    }
}

static void put_signatures(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    const struct tc_handshake_facts *own = &survey->options.handshake;
    for (size_t i = 0; i < survey->num_schemes13; i++) {
        put_signature(result, TC_TLS1_3, survey->schemes13[i].code,
                      tc_survey_settled(survey, &survey->schemes13[i].supported), 0);
    }
    if (own->signature_scheme != 0 && own->version >= TC_TLS1_2) {
        put_signature(result, own->version, own->signature_scheme, TC_YES, 0);
    }
    for (size_t i = 0; i < survey->num_schemes; i++) {
        put_signature(result, TC_TLS1_2, survey->schemes[i], TC_YES, survey->scheme_ranks[i]);
    }
    if (survey->num_schemes > 0 && survey->options.depth == TC_SURVEY_DEEP) {
        put_complete(result, TC_TLS1_2, TC_TRAIT_SIGNATURES_COMPLETE, &survey->schemes12_complete);
    }
    if (survey->schemes13_complete.value != TC_UNKNOWN) {
        put_open_signatures(result);
        put_complete(result, TC_TLS1_3, TC_TRAIT_SIGNATURES_COMPLETE, &survey->schemes13_complete);
    }
}

static void put_fingerprints(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    const struct {
        enum tc_fingerprint code;
        const char *text;
    } rows[] = {{TC_FINGERPRINT_JARM, survey->jarm_text}, {TC_FINGERPRINT_JA3S, survey->ja3s_text}};
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        const struct tc_feature feature = {.kind = TC_FEATURE_FINGERPRINT,
                                           .code = rows[i].code,
                                           .supported = TC_YES,
                                           .value = TC_FEATURE_NO_VALUE};
        if (rows[i].text[0] != '\0') {
            put(result, feature, rows[i].text);
        }
    }
}

static void put_alpn(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    for (size_t i = 0; i < survey->num_alpn; i++) {
        uint32_t code = survey->alpn_known[i] == TC_YES ? tc_survey_alpn_code(survey->alpn[i]) : 0;
        if (code != 0) {
            put_value(result, TC_FEATURE_ALPN, 0, code, TC_YES);
        }
    }
    if (survey->num_alpn > 0) {
        put_complete(result, 0, TC_TRAIT_ALPN_COMPLETE, &survey->alpn_complete);
    }
}

static enum tc_tristate post_quantum(const struct tc_survey *survey)
{
    const struct tc_group_state *groups = &survey->groups13;
    for (size_t i = 0; i < groups->num_known; i++) {
        const struct tc_group *group = groups->known[i];
        if (tc_group_is_post_quantum(group) && !group->is_draft && (groups->yes >> i & 1) != 0) {
            return TC_YES;
        }
    }
    enum tc_tristate tls13 = tc_survey_settled(survey, &survey->levels[TC_LEVEL_TLS1_3].supported);
    bool is_refused = tc_survey_settled_list(survey, &groups->complete) == TC_YES;
    return tls13 == TC_NO || is_refused ? TC_NO : TC_UNKNOWN;
}

static void put_traits(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    for (unsigned trait = 1; trait < TC_NUM_TRAITS; trait++) {
        switch (trait) {
        case TC_TRAIT_ECDSA_CERTIFICATE:
            put_value(result, TC_FEATURE_TRAIT, 0, trait, leaf_value(survey, TC_LEAF_ECDSA));
            break;
        case TC_TRAIT_RSA_CERTIFICATE:
            put_value(result, TC_FEATURE_TRAIT, 0, trait, leaf_value(survey, TC_LEAF_RSA));
            break;
        case TC_TRAIT_POST_QUANTUM:
            put_value(result, TC_FEATURE_TRAIT, 0, trait, post_quantum(survey));
            break;
        default:
            /* What was never asked has no row. */
            if (survey->traits[trait].value != TC_UNKNOWN) {
                put_fact(result, TC_FEATURE_TRAIT, 0, trait, &survey->traits[trait]);
            }
            break;
        }
    }
}

static void put_completeness(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    const char *why = survey->stopped != NULL ? survey->stopped : survey->unclear;
    if (why == NULL && survey->last_refused >= survey->last_accepted && survey->last_refused > 0) {
        why = "refusals only, and no hello is known that the server answers";
    }
    const struct tc_feature feature = {.kind = TC_FEATURE_TRAIT,
                                       .code = TC_TRAIT_SURVEY_COMPLETE,
                                       .supported = why == NULL ? TC_YES : TC_NO,
                                       .value = TC_FEATURE_NO_VALUE};
    if (why == NULL && survey->plan == TC_PLAN_CONFIRMED) {
        why =
            survey->tls13_has_moved ? TC_SURVEY_CONFIRMED_BUT_TLS13_TEXT : TC_SURVEY_CONFIRMED_TEXT;
    }
    put(result, feature, why);
}

/* ---- where the last survey was confirmed ---- */

static bool is_list_of_tls13(const struct tc_feature *row)
{
    switch (row->kind) {
    case TC_FEATURE_CIPHER:
    case TC_FEATURE_GROUP:
        return row->version == TC_TLS1_3;
    case TC_FEATURE_TRAIT:
        return row->code == TC_TRAIT_POST_QUANTUM ||
               (row->version == TC_TLS1_3 &&
                (row->code == TC_TRAIT_CIPHERS_COMPLETE || row->code == TC_TRAIT_CIPHER_ORDER ||
                 row->code == TC_TRAIT_GROUPS_COMPLETE || row->code == TC_TRAIT_GROUP_ORDER));
    case TC_FEATURE_VERSION:
    case TC_FEATURE_SIGNATURE:
    case TC_FEATURE_ALPN:
    case TC_FEATURE_DH:
    case TC_FEATURE_FINGERPRINT:
    case TC_FEATURE_KIND_COUNT:
    default:
        return false;
    }
}

/* What was asked for anew: which certificate who gets in any case. */
static bool is_told_anew(const struct tc_survey *survey, const struct tc_feature *row)
{
    if (survey->tls13_has_moved && is_list_of_tls13(row)) {
        return true;
    }
    return row->kind == TC_FEATURE_TRAIT && (row->code == TC_TRAIT_SURVEY_COMPLETE ||
                                             (row->code >= TC_TRAIT_NO_SNI_ANSWERED &&
                                              row->code <= TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE));
}

/* What was seen once more: its number may be another one now. */
static void put_seen(struct result *result, unsigned trait)
{
    const struct tc_fact *fact = &result->survey->traits[trait];
    const struct tc_feature *row = tc_features_find(result->features, TC_FEATURE_TRAIT, 0, trait);
    enum tc_tristate value = tc_survey_settled(result->survey, fact);
    bool is_as_it_was =
        row != NULL && row->supported == value && fact->number == TC_FEATURE_NO_VALUE;
    if (value != TC_UNKNOWN && !is_as_it_was) {
        put_fact(result, TC_FEATURE_TRAIT, 0, trait, fact);
    }
}

static void put_confirmed(struct result *result)
{
    const struct tc_features *previous = result->survey->options.previous;
    for (size_t i = 0; i < previous->num_items && result->status == TC_OK; i++) {
        if (!is_told_anew(result->survey, &previous->items[i])) {
            result->status = tc_features_put(result->features, &previous->items[i]);
        }
    }
    for (unsigned trait = 1; trait < TC_NUM_TRAITS; trait++) {
        put_seen(result, trait);
    }
    if (result->survey->tls13_has_moved) {
        put_level(result, &result->survey->levels[TC_LEVEL_TLS1_3]);
        put_groups(result, &result->survey->groups13, TC_TLS1_3);
        put_value(result, TC_FEATURE_TRAIT, 0, TC_TRAIT_POST_QUANTUM, post_quantum(result->survey));
    }
    put_completeness(result);
}

static void put_surveyed(struct result *result)
{
    const struct tc_survey *survey = result->survey;
    for (size_t i = 0; i < TC_LEVEL_COUNT; i++) {
        put_level(result, &survey->levels[i]);
    }
    put_ssl2_specs(result);
    put_groups(result, &survey->groups13, TC_TLS1_3);
    put_groups(result, &survey->groups12, TC_TLS1_2);
    put_signatures(result);
    put_alpn(result);
    for (unsigned offer = TC_DH_CONFIGURED; offer <= TC_DH_EXPORT; offer++) {
        if (survey->dh[offer].value != TC_UNKNOWN) {
            put_fact(result, TC_FEATURE_DH, 0, offer, &survey->dh[offer]);
        }
    }
    put_traits(result);
    put_fingerprints(result);
    put_completeness(result);
}

enum tc_status tc_survey_result(const struct tc_survey *survey, struct tc_features *out)
{
    struct tc_features features = {0};
    struct result result = {.survey = survey, .features = &features, .status = TC_OK};
    if (tc_survey_is_confirmed(survey)) {
        put_confirmed(&result);
    } else {
        result.survey = tc_survey_without_previous(survey);
        put_surveyed(&result);
    }
    if (result.status != TC_OK) {
        tc_features_cleanup(&features);
        return result.status;
    }
    *out = features;
    return TC_OK;
}
