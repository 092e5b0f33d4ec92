/* What profile deep and --intrusive may say of a policy. */
#include "fake_teller.h"

static bool has_leaf(const struct teller *teller, enum fake_leaf leaf)
{
    return (teller->policy->leaves & 1U << leaf) != 0;
}

static enum fake_leaf leaf_of_scheme(uint16_t scheme)
{
    return tc_scheme_find(scheme)->auth == TC_AUTH_RSA ? FAKE_LEAF_RSA : FAKE_LEAF_ECDSA;
}

/* Whether a key of this kind signs key exchanges at TLS 1.2. */
static bool signs12(const struct teller *teller, enum fake_leaf leaf)
{
    enum tc_auth auth = leaf == FAKE_LEAF_RSA ? TC_AUTH_RSA : TC_AUTH_ECDSA;
    return has_leaf(teller, leaf) && (fake_has_suite(teller, TC_LEVEL_TLS1_2, TC_KX_ECDHE, auth) ||
                                      fake_has_suite(teller, TC_LEVEL_TLS1_2, TC_KX_DHE, auth));
}

static void tell_schemes12(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    uint16_t num[FAKE_LEAF_ECDSA + 1] = {0};
    struct fake_row *last[FAKE_LEAF_ECDSA + 1] = {NULL};
    for (size_t i = 0; policy->schemes12[i] != 0; i++) {
        enum fake_leaf leaf = leaf_of_scheme(policy->schemes12[i]);
        if (!fake_is_spoken(teller, TC_LEVEL_TLS1_2)) {
            return;
        }
        struct fake_row *row =
            fake_truth_add(teller, TC_FEATURE_SIGNATURE, TC_TLS1_2, policy->schemes12[i], true);
        num[leaf]++;
        last[leaf] = row;
        row->list = leaf;
        row->rank = policy->client_scheme_order ? 0 : num[leaf];
        row->rank_is_due = teller->is_deep;
        row->is_due = teller->is_deep && signs12(teller, leaf);
        row->value = signs12(teller, leaf) ? TC_YES : TC_UNKNOWN;
    }
    for (size_t leaf = 0; leaf < TC_ARRAY_LEN(num); leaf++) {
        if (num[leaf] == 1) { /* nothing to put in order */
            last[leaf]->rank = 0;
        }
    }
    bool signs = signs12(teller, FAKE_LEAF_RSA) || signs12(teller, FAKE_LEAF_ECDSA);
    fake_truth_add(teller, TC_FEATURE_TRAIT, TC_TLS1_2, TC_TRAIT_SIGNATURES_COMPLETE, true)
        ->is_due = teller->is_deep && signs;
}

static void tell_schemes13(struct teller *teller)
{
    static const uint16_t askable[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0805, 0x0806};
    const uint16_t *schemes = teller->policy->schemes13;
    bool own13 = teller->own->is_done && teller->own->version == TC_TLS1_3;
    if (!fake_is_spoken(teller, TC_LEVEL_TLS1_3)) {
        return;
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(askable); i++) {
        bool is_there = fake_has(schemes, fake_len(schemes), askable[i]) &&
                        has_leaf(teller, leaf_of_scheme(askable[i]));
        fake_truth_add(teller, TC_FEATURE_SIGNATURE, TC_TLS1_3, askable[i], is_there)->is_due =
            teller->is_deep && own13 && has_leaf(teller, leaf_of_scheme(askable[i]));
    }
    for (size_t i = 0; schemes[i] != 0; i++) { /* what the library cannot verify */
        if (!fake_has(askable, TC_ARRAY_LEN(askable), schemes[i])) {
            fake_truth_add(teller, TC_FEATURE_SIGNATURE, TC_TLS1_3, schemes[i], true)->is_due =
                false;
        }
    }
    fake_truth_add(teller, TC_FEATURE_TRAIT, TC_TLS1_3, TC_TRAIT_SIGNATURES_COMPLETE, true)
        ->is_due = teller->is_deep && own13;
}

static void tell_tolerance(struct teller *teller)
{
    const struct fake_quirks *quirks = &teller->policy->quirks;
    unsigned minds = quirks->minds;
    bool has_old = teller->best_old > TC_LEVEL_SSL3;
    bool has_new = fake_is_spoken(teller, TC_LEVEL_TLS1_3);
    bool is_due = teller->is_deep && (has_old || has_new);
    unsigned greases =
        FAKE_MINDS_SUITE | FAKE_MINDS_GROUP | FAKE_MINDS_EXTENSION | FAKE_MINDS_VERSIONS;
    /* A name of GREASE goes with one that the server is known to have. */
    bool shows_alpn = fake_has_alpn(teller) && (has_old || teller->own->is_done);
    greases |= shows_alpn ? FAKE_MINDS_ALPN : 0;
    bool minds_version =
        (has_old && ((minds & FAKE_MINDS_VERSION) != 0 || quirks->intolerant_above != 0)) ||
        (has_new && (minds & FAKE_MINDS_VERSIONS) != 0);
    fake_truth_add_trait(teller, TC_TRAIT_VERSION_TOLERANCE, !minds_version, is_due);
    fake_truth_add_trait(teller, TC_TRAIT_EXTENSION_TOLERANCE, (minds & greases) == 0, is_due);
    fake_truth_add_trait(teller, TC_TRAIT_LARGE_HELLO_TOLERANCE, (minds & FAKE_MINDS_LARGE) == 0,
                         is_due);
    fake_truth_add_trait(teller, TC_TRAIT_SPLIT_HELLO_TOLERANCE, (minds & FAKE_MINDS_SPLIT) == 0,
                         is_due);
}

static void tell_intrusive(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    bool has_old = teller->best_old > TC_LEVEL_SSL3;
    unsigned bits = teller->intrusive;
    fake_truth_add_trait(teller, TC_TRAIT_CLIENT_RENEGOTIATION, policy->renegotiates, false);
    fake_truth_add_trait(teller, TC_TRAIT_HEARTBEAT_UNPADDED, policy->answers_short_heartbeat,
                         has_old && (bits & TC_INTRUSIVE_HEARTBEAT) != 0 &&
                             (policy->acks & FAKE_ACK_HEARTBEAT) != 0);
    fake_truth_add_trait(teller, TC_TRAIT_EARLY_CCS, policy->takes_early_ccs,
                         has_old && (bits & TC_INTRUSIVE_CCS) != 0);
    fake_truth_add_trait(teller, TC_TRAIT_HTTP_UPGRADE, policy->upgrades_http,
                         (bits & TC_INTRUSIVE_HTTP_UPGRADE) != 0);
}

void fake_truth_tell_deep(struct teller *teller)
{
    tell_schemes12(teller);
    tell_schemes13(teller);
    tell_tolerance(teller);
    tell_intrusive(teller);
    fake_truth_add(teller, TC_FEATURE_FINGERPRINT, 0, TC_FINGERPRINT_JARM, true)->is_due =
        teller->is_deep;
    fake_truth_add(teller, TC_FEATURE_FINGERPRINT, 0, TC_FINGERPRINT_JA3S, true)->is_due = false;
}
