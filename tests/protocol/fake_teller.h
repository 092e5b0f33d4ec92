/* Between the files that tell the truth of a policy: fake_truth.c, fake_truth_deep.c. */
#ifndef TLSCENSUS_FAKE_TELLER_H
#define TLSCENSUS_FAKE_TELLER_H

#include "fake_truth.h"

/* What the rows of one policy are made with. */
struct teller {
    struct fake_truth *truth;
    const struct fake_policy *policy;
    const struct tc_handshake_facts *own;
    bool is_deep;
    unsigned intrusive;
    int best_old; /* level; -1: none */
};

struct fake_row *fake_truth_add(struct teller *teller, enum tc_feature_kind kind, uint16_t version,
                                uint32_t code, bool value);
/* A row that may be missing where `is_due` does not hold. */
void fake_truth_add_trait(struct teller *teller, enum tc_trait trait, bool value, bool is_due);
bool fake_is_spoken(const struct teller *teller, int level);
bool fake_is_asked(const struct teller *teller, uint16_t suite);
/* Not of export; TC_AUTH_NONE stands for any. */
bool fake_has_suite(const struct teller *teller, int level, enum tc_kx kx, enum tc_auth auth);
/* Whether the server has a protocol name that is asked for. */
bool fake_has_alpn(const struct teller *teller);

void fake_truth_tell_deep(struct teller *teller);

#endif
