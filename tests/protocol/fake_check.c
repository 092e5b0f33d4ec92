/* Features held against the truth. */
#include <stdio.h>

#include "fake_truth.h"

const struct fake_row *fake_truth_find(const struct fake_truth *truth, enum tc_feature_kind kind,
                                       uint16_t version, uint32_t code)
{
    for (size_t i = 0; i < truth->num_rows; i++) {
        const struct fake_row *row = &truth->rows[i];
        if (row->kind == kind && row->version == version && row->code == code) {
            return row;
        }
    }
    return NULL;
}

static const char *name_of(enum tc_feature_kind kind, uint32_t code)
{
    static const enum tc_registry_kind kinds[TC_FEATURE_KIND_COUNT] = {
        [TC_FEATURE_VERSION] = TC_REGISTRY_VERSION,
        [TC_FEATURE_CIPHER] = TC_REGISTRY_CIPHER,
        [TC_FEATURE_GROUP] = TC_REGISTRY_GROUP,
        [TC_FEATURE_SIGNATURE] = TC_REGISTRY_SIGNATURE,
        [TC_FEATURE_ALPN] = TC_REGISTRY_ALPN,
        [TC_FEATURE_TRAIT] = TC_REGISTRY_TRAIT,
        [TC_FEATURE_DH] = TC_REGISTRY_DH,
        [TC_FEATURE_FINGERPRINT] = TC_REGISTRY_FINGERPRINT};
    const char *name = tc_registry_name(kinds[kind], code);
    return name != NULL ? name : "?";
}

static unsigned complain(const char *label, const char *what, enum tc_feature_kind kind,
                         uint16_t version, uint32_t code)
{
    (void)fprintf(stderr, "%s: %s: %s %04x %s\n", label, what, tc_feature_kind_str(kind), version,
                  name_of(kind, code));
    return 1;
}

/* Of those that have a rank, how many are better in truth: some were never on offer together. */
static unsigned num_better(const struct fake_truth *truth, const struct tc_features *features,
                           const struct tc_feature *than, const struct fake_row *true_row)
{
    unsigned num = 0;
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *other = &features->items[i];
        if (other->kind == than->kind && other->version == than->version && other->rank != 0) {
            const struct fake_row *row =
                fake_truth_find(truth, other->kind, other->version, other->code);
            num += row != NULL && row->list == true_row->list && row->rank < true_row->rank ? 1 : 0;
        }
    }
    return num;
}

static unsigned check_feature(const struct fake_truth *truth, const struct tc_features *features,
                              const struct tc_feature *feature, const char *label)
{
    const struct fake_row *row =
        fake_truth_find(truth, feature->kind, feature->version, feature->code);
    if (feature->kind == TC_FEATURE_TRAIT && feature->code == TC_TRAIT_SURVEY_COMPLETE) {
        return 0; /* its no says that something hindered the survey */
    }
    if (feature->supported == TC_UNKNOWN) {
        return 0;
    }
    if (row == NULL) {
        return feature->supported == TC_YES && !truth->is_open
                   ? complain(label, "a yes without truth", feature->kind, feature->version,
                              feature->code)
                   : 0;
    }
    if (row->value != TC_UNKNOWN && row->value != feature->supported) {
        return complain(label, feature->supported == TC_YES ? "a wrong yes" : "a wrong no",
                        feature->kind, feature->version, feature->code);
    }
    if (feature->rank != 0 && row->rank != FAKE_ANY_RANK &&
        (row->rank == 0 || feature->rank != 1 + num_better(truth, features, feature, row))) {
        return complain(label, "a wrong rank", feature->kind, feature->version, feature->code);
    }
    if (row->number != TC_FEATURE_NO_VALUE && row->number != feature->value) {
        return complain(label, "a wrong value", feature->kind, feature->version, feature->code);
    }
    return 0;
}

/* Which completeness speaks of this kind of row, and whether it was said. */
static bool is_implied_no(const struct tc_features *features, const struct fake_row *row)
{
    uint32_t trait = 0;
    switch (row->kind) {
    case TC_FEATURE_CIPHER:
        trait = TC_TRAIT_CIPHERS_COMPLETE;
        break;
    case TC_FEATURE_GROUP:
        trait = TC_TRAIT_GROUPS_COMPLETE;
        break;
    case TC_FEATURE_SIGNATURE:
        trait = TC_TRAIT_SIGNATURES_COMPLETE;
        break;
    case TC_FEATURE_ALPN:
        trait = TC_TRAIT_ALPN_COMPLETE;
        break;
    case TC_FEATURE_VERSION:
    case TC_FEATURE_TRAIT:
    case TC_FEATURE_DH:
    case TC_FEATURE_FINGERPRINT:
    case TC_FEATURE_KIND_COUNT:
    default:
        return false;
    }
    return tc_features_get(features, TC_FEATURE_TRAIT, row->version, trait) == TC_YES &&
           tc_features_find(features, row->kind, row->version, row->code) == NULL;
}

unsigned fake_truth_lies(const struct fake_truth *truth, const struct tc_features *features,
                         const char *label)
{
    unsigned lies = 0;
    for (size_t i = 0; i < features->num_items; i++) {
        lies += check_feature(truth, features, &features->items[i], label);
    }
    for (size_t i = 0; i < truth->num_rows; i++) {
        const struct fake_row *row = &truth->rows[i];
        if (row->value == TC_YES && is_implied_no(features, row)) {
            lies += complain(label, "said to be missing", row->kind, row->version, row->code);
        }
    }
    return lies;
}

unsigned fake_truth_wrong_noes(const struct fake_truth *truth, const struct tc_features *features,
                               const char *label)
{
    unsigned noes = 0;
    for (size_t i = 0; i < truth->num_rows; i++) {
        const struct fake_row *row = &truth->rows[i];
        const struct tc_feature *said =
            tc_features_find(features, row->kind, row->version, row->code);
        bool is_order = row->kind == TC_FEATURE_TRAIT &&
                        (row->code == TC_TRAIT_CIPHER_ORDER || row->code == TC_TRAIT_GROUP_ORDER);
        bool is_no = said != NULL && said->supported == TC_NO && !is_order; /* the client's */
        if (row->value == TC_YES && (is_no || is_implied_no(features, row)) &&
            !(row->kind == TC_FEATURE_TRAIT && row->code == TC_TRAIT_SURVEY_COMPLETE)) {
            noes += complain(label, "a wrong no", row->kind, row->version, row->code);
        }
    }
    return noes;
}

/* Which of the two an answer came from nobody knows: what is true of one of them is no lie. */
static bool is_believed(const struct fake_truth *truth, const struct tc_feature *feature)
{
    const struct fake_row *row =
        fake_truth_find(truth, feature->kind, feature->version, feature->code);
    return row == NULL ? feature->supported == TC_NO || truth->is_open
                       : row->value == TC_UNKNOWN || row->value == feature->supported;
}

unsigned fake_truth_lies_of_both(const struct fake_truth *truth, const struct fake_truth *other,
                                 const struct tc_features *features, const char *label)
{
    unsigned lies = 0;
    for (size_t i = 0; i < features->num_items; i++) {
        const struct tc_feature *feature = &features->items[i];
        bool is_of_survey =
            feature->kind == TC_FEATURE_TRAIT &&
            (feature->code == TC_TRAIT_SURVEY_COMPLETE || feature->code == TC_TRAIT_CONSISTENT ||
             feature->code == TC_TRAIT_CIPHER_ORDER || feature->code == TC_TRAIT_GROUP_ORDER);
        if (!is_of_survey && feature->supported != TC_UNKNOWN && !is_believed(truth, feature) &&
            !is_believed(other, feature)) {
            lies +=
                complain(label, "true of neither", feature->kind, feature->version, feature->code);
        }
    }
    for (size_t i = 0; i < truth->num_rows; i++) {
        const struct fake_row *row = &truth->rows[i];
        const struct fake_row *same = fake_truth_find(other, row->kind, row->version, row->code);
        if (row->value == TC_YES && same != NULL && same->value == TC_YES &&
            is_implied_no(features, row)) {
            lies += complain(label, "said to be missing", row->kind, row->version, row->code);
        }
    }
    return lies;
}

unsigned fake_truth_gaps(const struct fake_truth *truth, const struct tc_features *features,
                         const char *label)
{
    unsigned gaps = 0;
    for (size_t i = 0; i < truth->num_rows; i++) {
        const struct fake_row *row = &truth->rows[i];
        const struct tc_feature *found =
            tc_features_find(features, row->kind, row->version, row->code);
        bool is_known = found != NULL && found->supported != TC_UNKNOWN;
        if (row->is_due && row->value == TC_YES && !is_known) {
            gaps += complain(label, "not found", row->kind, row->version, row->code);
        } else if (row->is_due && row->value == TC_NO && !is_known) {
            gaps += complain(label, "not decided", row->kind, row->version, row->code);
        } else if (row->is_due && is_known && row->rank_is_due && found->rank != row->rank) {
            gaps += complain(label, "not ranked", row->kind, row->version, row->code);
        } else if (row->is_due && row->kind == TC_FEATURE_TRAIT &&
                   row->code == TC_TRAIT_SURVEY_COMPLETE && found != NULL &&
                   found->supported != TC_YES) {
            gaps += complain(label, found->text, row->kind, row->version, row->code);
        }
    }
    return gaps;
}
