/* What a survey may say of a policy: each row's value, and whether it has to be there. */
#ifndef TLSCENSUS_FAKE_TRUTH_H
#define TLSCENSUS_FAKE_TRUTH_H

#include "fake_server.h"
#include "tlscensus/features.h"

#define FAKE_MAX_ROWS 1024

struct fake_row {
    enum tc_feature_kind kind;
    uint16_t version;
    uint32_t code;
    enum tc_tristate value; /* TC_UNKNOWN: whatever is said is no lie */
    bool is_due;            /* a survey that was not hindered has found it */
    uint16_t rank;          /* 0: none */
    bool rank_is_due;
    unsigned list;  /* ranks are of rows with the same list alone */
    int64_t number; /* TC_FEATURE_NO_VALUE: not compared */
};

#define FAKE_ANY_RANK UINT16_MAX

struct fake_truth {
    struct fake_row rows[FAKE_MAX_ROWS];
    size_t num_rows;
    bool is_open; /* what was not asked for may be told as well: a yes without a row is no lie */
};

/* `own` is what the endpoint's own handshake told. */
void fake_truth_tell(struct fake_truth *out, const struct fake_policy *policy,
                     const struct tc_handshake_facts *own, enum tc_survey_depth depth,
                     unsigned intrusive);
const struct fake_row *fake_truth_find(const struct fake_truth *truth, enum tc_feature_kind kind,
                                       uint16_t version, uint32_t code);
/*
 * How many of the features are not true, each of which is printed with `label` in front. A no that
 * a list's completeness implies counts as one that is said.
 */
unsigned fake_truth_lies(const struct fake_truth *truth, const struct tc_features *features,
                         const char *label);
/* How many of them are a no, said or implied, where there is something; printed likewise. */
unsigned fake_truth_wrong_noes(const struct fake_truth *truth, const struct tc_features *features,
                               const char *label);
/* The same of a survey that met two policies by turns: how many are true of neither. */
unsigned fake_truth_lies_of_both(const struct fake_truth *truth, const struct fake_truth *other,
                                 const struct tc_features *features, const char *label);
/* How many rows are due and not there, or not known; printed likewise. */
unsigned fake_truth_gaps(const struct fake_truth *truth, const struct tc_features *features,
                         const char *label);

#endif
