#include "fake_teller.h"

#include <stdio.h>
#include <string.h>

static const uint16_t k_versions[TC_LEVEL_COUNT] = {TC_SSL2,   TC_SSL3,   TC_TLS1,
                                                    TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};

struct fake_row *fake_truth_add(struct teller *teller, enum tc_feature_kind kind, uint16_t version,
                                uint32_t code, bool value)
{
    struct fake_row *row = &teller->truth->rows[teller->truth->num_rows];
    teller->truth->num_rows++;
    *row = (struct fake_row){.kind = kind,
                             .version = version,
                             .code = code,
                             .value = value ? TC_YES : TC_NO,
                             .is_due = true,
                             .number = TC_FEATURE_NO_VALUE};
    return row;
}

/* A row that may be missing where `is_due` does not hold. */
void fake_truth_add_trait(struct teller *teller, enum tc_trait trait, bool value, bool is_due)
{
    fake_truth_add(teller, TC_FEATURE_TRAIT, 0, trait, value)->is_due = is_due;
}

bool fake_is_spoken(const struct teller *teller, int level)
{
    return teller->policy->suites[level][0] != 0;
}

bool fake_is_asked(const struct teller *teller, uint16_t suite)
{
    const struct tc_suite *found = tc_suite_find(suite);
    return teller->is_deep || found->is_common || found->min_version == TC_TLS1_3;
}

bool fake_has_suite(const struct teller *teller, int level, enum tc_kx kx, enum tc_auth auth)
{
    const uint16_t *suites = teller->policy->suites[level];
    for (size_t i = 0; suites[i] != 0; i++) {
        const struct tc_suite *suite = tc_suite_find(suites[i]);
        if (suite->kx == kx && !suite->is_export && fake_is_asked(teller, suites[i]) &&
            (auth == TC_AUTH_NONE || suite->auth == auth)) {
            return true;
        }
    }
    return false;
}

/* ---- versions and suites ---- */

/* SSL 3.0's hellos have no name, so that it is there only for those who ask for something newer. */
static bool is_hidden(const struct teller *teller, int level)
{
    return level == TC_LEVEL_SSL3 && teller->policy->no_name == FAKE_NAME_REFUSED;
}

static uint16_t tell_suites(struct teller *teller, int level)
{
    const struct fake_policy *policy = teller->policy;
    const uint16_t *suites = policy->suites[level];
    uint16_t num = 0;
    for (size_t i = 0; suites[i] != 0; i++) {
        if (fake_is_asked(teller, suites[i])) {
            num++;
            struct fake_row *row =
                fake_truth_add(teller, TC_FEATURE_CIPHER, k_versions[level], suites[i], true);
            row->rank = policy->client_order ? 0 : num;
            row->rank_is_due = !teller->is_deep; /* the rare were not on offer from the start */
            row->value = is_hidden(teller, level) ? TC_UNKNOWN : TC_YES;
            row->is_due = !is_hidden(teller, level);
        }
    }
    if (num == 1) { /* nothing to put in order */
        teller->truth->rows[teller->truth->num_rows - 1].rank = 0;
    }
    return num;
}

static void tell_level(struct teller *teller, int level)
{
    const struct fake_policy *policy = teller->policy;
    uint16_t version = k_versions[level];
    struct fake_row *spoken =
        fake_truth_add(teller, TC_FEATURE_VERSION, 0, version, fake_is_spoken(teller, level));
    uint16_t num = tell_suites(teller, level);
    if (num == 0) {
        return;
    }
    spoken->value = is_hidden(teller, level) ? TC_UNKNOWN : TC_YES;
    spoken->is_due = !is_hidden(teller, level);
    fake_truth_add(teller, TC_FEATURE_TRAIT, version, TC_TRAIT_CIPHERS_COMPLETE, true)->is_due =
        spoken->is_due;
    if (num > 1) {
        fake_truth_add(teller, TC_FEATURE_TRAIT, version, TC_TRAIT_CIPHER_ORDER,
                       !policy->client_order)
            ->is_due = spoken->is_due && !teller->is_deep;
    }
    if (fake_is_spoken(teller, TC_LEVEL_TLS1_3) && level >= TC_LEVEL_TLS1 &&
        level < TC_LEVEL_TLS1_3) {
        struct fake_row *row = fake_truth_add(teller, TC_FEATURE_TRAIT, version,
                                              TC_TRAIT_DOWNGRADE_SENTINEL, !policy->hides_sentinel);
        row->is_due = teller->own->version == TC_TLS1_3;
    }
}

static void tell_ssl2(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    fake_truth_add(teller, TC_FEATURE_VERSION, 0, TC_SSL2, policy->speaks_ssl2);
    if (!policy->speaks_ssl2) {
        return;
    }
    for (size_t i = 0; policy->ssl2_specs[i] != 0; i++) {
        fake_truth_add(teller, TC_FEATURE_CIPHER, TC_SSL2, policy->ssl2_specs[i], true);
    }
    fake_truth_add(teller, TC_FEATURE_TRAIT, TC_SSL2, TC_TRAIT_CIPHERS_COMPLETE, true);
    fake_truth_add(teller, TC_FEATURE_TRAIT, TC_SSL2, TC_TRAIT_CIPHER_ORDER, false)->is_due = false;
}

/* ---- groups ---- */

static bool group_is_asked(const struct teller *teller, const struct tc_group *group, bool for13)
{
    bool fits = for13 ? group->is_tls13 : group->is_tls12 && group->kind != TC_GROUP_FFDHE;
    return fits && (teller->is_deep || group->is_common);
}

static void tell_groups13(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    /* Where a real share is wanted, and we can make one alone, the others stay in the dark. */
    bool is_due = !policy->quirks.wants_real_share;
    bool has_pq = false;
    uint16_t num = 0;
    for (size_t i = 0; fake_is_spoken(teller, TC_LEVEL_TLS1_3) && policy->groups13[i] != 0; i++) {
        const struct tc_group *group = tc_group_find(policy->groups13[i]);
        bool is_pq = group->kind == TC_GROUP_PQ || group->kind == TC_GROUP_PQ_HYBRID;
        has_pq = has_pq || (is_pq && !group->is_draft);
        if (group_is_asked(teller, group, true)) {
            num++;
            struct fake_row *row =
                fake_truth_add(teller, TC_FEATURE_GROUP, TC_TLS1_3, group->code, true);
            row->is_due = is_due;
            row->rank = policy->client_group_order ? 0 : num;
            row->rank_is_due = true;
        }
    }
    if (num == 1) {
        teller->truth->rows[teller->truth->num_rows - 1].rank = 0;
    }
    if (num > 0) {
        fake_truth_add(teller, TC_FEATURE_TRAIT, TC_TLS1_3, TC_TRAIT_GROUPS_COMPLETE, true)
            ->is_due = is_due;
    }
    if (num > 1) {
        fake_truth_add(teller, TC_FEATURE_TRAIT, TC_TLS1_3, TC_TRAIT_GROUP_ORDER,
                       !policy->client_group_order)
            ->is_due = is_due;
    }
    fake_truth_add_trait(teller, TC_TRAIT_POST_QUANTUM, has_pq, is_due);
}

/* Whether some suite with ECDHE needs no leaf on a curve. */
static bool has_free_curves(const struct teller *teller, int level)
{
    return fake_has_suite(teller, level, TC_KX_ECDHE, TC_AUTH_RSA) ||
           fake_has_suite(teller, level, TC_KX_ECDHE, TC_AUTH_ANON);
}

/*
 * A leaf whose curve has to be on offer, and a server that likes this curve better than the group:
 * nobody can get it. In an older version there may be another leaf.
 */
static bool is_out_of_reach(const struct teller *teller, size_t place)
{
    const struct fake_policy *policy = teller->policy;
    for (int level = TC_LEVEL_TLS1; level <= TC_LEVEL_TLS1_2; level++) {
        if (has_free_curves(teller, level)) {
            return false;
        }
    }
    return policy->wants_leaf_curve && !policy->client_group_order &&
           fake_has(policy->groups12, place, 0x0017);
}

/* They show where there is ECDHE. */
static void tell_groups12(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    int best = teller->best_old;
    bool with_any = best > TC_LEVEL_SSL3 && fake_has_suite(teller, best, TC_KX_ECDHE, TC_AUTH_NONE);
    bool is_free = with_any && has_free_curves(teller, best);
    bool has_order = with_any && teller->is_deep && (is_free || !policy->wants_leaf_curve);
    uint16_t num = 0;
    struct fake_row *first = NULL;
    for (size_t i = 0; policy->groups12[i] != 0; i++) {
        const struct tc_group *group = tc_group_find(policy->groups12[i]);
        if (group_is_asked(teller, group, false)) {
            bool is_there = !is_out_of_reach(teller, i);
            struct fake_row *row =
                fake_truth_add(teller, TC_FEATURE_GROUP, TC_TLS1_2, group->code, is_there);
            num = (uint16_t)(num + (is_there ? 1 : 0));
            first = is_there && first == NULL ? row : first;
            row->is_due = with_any && is_there;
            row->value = with_any ? row->value : TC_UNKNOWN;
            row->rank = policy->client_group_order || !is_there ? 0 : num;
            row->rank_is_due = has_order;
        }
    }
    if (num == 0) {
        return;
    }
    if (num == 1) { /* nothing to put in order */
        first->rank = 0;
    }
    fake_truth_add(teller, TC_FEATURE_TRAIT, TC_TLS1_2, TC_TRAIT_GROUPS_COMPLETE, true)->is_due =
        with_any;
    fake_truth_add(teller, TC_FEATURE_TRAIT, TC_TLS1_2, TC_TRAIT_GROUP_ORDER,
                   !policy->client_group_order)
        ->is_due = num > 1 && has_order;
}

/* ---- what rides along ---- */

/* They are left out where the hello was refused with them, for whatever reason that was. */
static bool has_riders(const struct teller *teller)
{
    const struct fake_quirks *quirks = &teller->policy->quirks;
    return teller->best_old > TC_LEVEL_SSL3 && (quirks->minds & FAKE_MINDS_RIDERS) == 0 &&
           quirks->intolerant_above == 0;
}

static void tell_acks(struct teller *teller)
{
    static const struct {
        unsigned ack;
        enum tc_trait trait;
    } rows[] = {{FAKE_ACK_EMS, TC_TRAIT_EXTENDED_MASTER_SECRET},
                {FAKE_ACK_RENEGOTIATION, TC_TRAIT_SECURE_RENEGOTIATION},
                {FAKE_ACK_SCT, TC_TRAIT_SCT_EXTENSION},
                {FAKE_ACK_HEARTBEAT, TC_TRAIT_HEARTBEAT},
                {FAKE_ACK_RECORD_SIZE, TC_TRAIT_RECORD_SIZE_LIMIT},
                {FAKE_ACK_NPN, TC_TRAIT_NPN},
                {FAKE_ACK_STATUS, TC_TRAIT_STATUS_REQUEST},
                {FAKE_ACK_ETM, TC_TRAIT_ENCRYPT_THEN_MAC}};
    bool is_due = has_riders(teller);
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        /* The last shows with CBC suites alone, and only while the hello's riders ride. */
        fake_truth_add_trait(teller, rows[i].trait, (teller->policy->acks & rows[i].ack) != 0,
                             is_due && rows[i].ack != FAKE_ACK_ETM);
    }
}

static bool is_alpn_asked(const char *name)
{
    static const char *const web[] = {"h2",     "http/1.1", "http/1.0", "h2c",
                                      "spdy/3", "spdy/2",   "spdy/1"};
    for (size_t i = 0; i < TC_ARRAY_LEN(web); i++) {
        if (strcmp(web[i], name) == 0) {
            return true;
        }
    }
    return false;
}

bool fake_has_alpn(const struct teller *teller)
{
    for (size_t i = 0; teller->policy->alpn[i] != NULL; i++) {
        if (is_alpn_asked(teller->policy->alpn[i])) {
            return true;
        }
    }
    return false;
}

static uint32_t alpn_code(const char *name)
{
    size_t num = 0;
    const struct tc_registry_entry *entries = tc_registry_entries(&num);
    for (size_t i = 0; i < num; i++) {
        if (entries[i].kind == TC_REGISTRY_ALPN && strcmp(entries[i].name, name) == 0) {
            return entries[i].code;
        }
    }
    return 0;
}

static void tell_alpn(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    bool is_due = has_riders(teller) || (teller->best_old < 0 && teller->own->is_done);
    for (size_t i = 0; policy->alpn[i] != NULL; i++) {
        if (is_alpn_asked(policy->alpn[i])) {
            fake_truth_add(teller, TC_FEATURE_ALPN, 0, alpn_code(policy->alpn[i]), true)->is_due =
                is_due;
        }
    }
    fake_truth_add_trait(teller, TC_TRAIT_ALPN_COMPLETE, true, is_due);
    fake_truth_add_trait(teller, TC_TRAIT_ALPN_STRICT, policy->alpn_strict,
                         is_due && teller->is_deep);
}

/* ---- habits ---- */

static void tell_dh(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    bool has_dhe = false;
    bool has_export = false;
    for (int level = TC_LEVEL_SSL3; level <= TC_LEVEL_TLS1_2; level++) {
        has_dhe = has_dhe || fake_has_suite(teller, level, TC_KX_DHE, TC_AUTH_NONE);
        for (size_t i = 0; policy->suites[level][i] != 0; i++) {
            const struct tc_suite *suite = tc_suite_find(policy->suites[level][i]);
            has_export = has_export || (suite->kx == TC_KX_DHE && suite->is_export &&
                                        fake_is_asked(teller, policy->suites[level][i]));
        }
    }
    int best = teller->best_old;
    bool is_named = best > TC_LEVEL_SSL3 && fake_has_suite(teller, best, TC_KX_DHE, TC_AUTH_NONE);
    if (has_dhe) {
        fake_truth_add(teller, TC_FEATURE_DH, 0, TC_DH_CONFIGURED, true)->number = policy->dh_bits;
        struct fake_row *named = fake_truth_add(teller, TC_FEATURE_DH, 0, TC_DH_NAMED, true);
        named->number = policy->knows_ffdhe ? 2048 : policy->dh_bits;
        named->is_due = is_named;
        named->value = is_named ? TC_YES : TC_UNKNOWN;
    }
    if (has_export) {
        fake_truth_add(teller, TC_FEATURE_DH, 0, TC_DH_EXPORT, true)->number = 512;
    }
    fake_truth_add_trait(teller, TC_TRAIT_DH_KEY_REUSE, policy->reuses_dh_key,
                         is_named && teller->is_deep);
}

static unsigned num_spoken(const struct teller *teller)
{
    unsigned num = 0;
    for (int level = TC_LEVEL_SSL3; level <= TC_LEVEL_TLS1_3; level++) {
        num += fake_is_spoken(teller, level) ? 1 : 0;
    }
    return num;
}

/* Where such a suite may be chosen, no certificate is shown. */
static bool has_anonymous(const struct teller *teller, int level)
{
    const uint16_t *suites = teller->policy->suites[level];
    for (size_t i = 0; suites[i] != 0; i++) {
        if (fake_suite_leaf(suites[i]) == FAKE_LEAF_NONE) {
            return true;
        }
    }
    return false;
}

static void tell_names(struct teller *teller)
{
    static const struct {
        enum tc_trait answered;
        enum tc_trait same;
    } rows[] = {{TC_TRAIT_NO_SNI_ANSWERED, TC_TRAIT_NO_SNI_SAME_CERTIFICATE},
                {TC_TRAIT_UNKNOWN_SNI_ANSWERED, TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE}};
    const struct fake_policy *policy = teller->policy;
    const enum fake_name names[] = {policy->no_name, policy->unknown_name};
    bool is_due =
        teller->best_old > TC_LEVEL_SSL3 || (teller->best_old < 0 && teller->own->is_done);
    bool shows_leaf = teller->best_old < 0 || !has_anonymous(teller, teller->best_old);
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        bool is_answered = names[i] != FAKE_NAME_REFUSED;
        fake_truth_add_trait(teller, rows[i].answered, is_answered, is_due);
        if (teller->best_old < 0 && !teller->own->is_done) {
            teller->truth->rows[teller->truth->num_rows - 1].value = TC_UNKNOWN;
        }
        if (is_answered) {
            fake_truth_add_trait(teller, rows[i].same, names[i] == FAKE_SAME_CERTIFICATE,
                                 is_due && shows_leaf);
        }
    }
}

static bool level_uses(const struct teller *teller, int level, enum fake_leaf leaf)
{
    const uint16_t *suites = teller->policy->suites[level];
    for (size_t i = 0; suites[i] != 0; i++) {
        bool is_told =
            fake_is_asked(teller, suites[i]) || teller->policy->quirks.always_suite == suites[i];
        if (is_told && fake_suite_leaf(suites[i]) == leaf) {
            return true;
        }
    }
    return false;
}

static void tell_leaf(struct teller *teller, enum fake_leaf leaf, enum tc_trait trait)
{
    bool has_leaf = (teller->policy->leaves & 1U << leaf) != 0;
    bool serves = has_leaf && fake_is_spoken(teller, TC_LEVEL_TLS1_3);
    bool may_serve = false;
    for (int level = TC_LEVEL_SSL3; has_leaf && level <= TC_LEVEL_TLS1_2; level++) {
        bool is_used = level_uses(teller, level, leaf);
        serves = serves || (is_used && !is_hidden(teller, level));
        may_serve = may_serve || is_used;
    }
    struct fake_row *row = fake_truth_add(teller, TC_FEATURE_TRAIT, 0, trait, serves);
    row->is_due = teller->own->is_done || !fake_is_spoken(teller, TC_LEVEL_TLS1_3);
    if (may_serve && !serves) {
        row->value = TC_UNKNOWN;
        row->is_due = false;
    }
}

static void tell_habits(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    bool has_old = teller->best_old >= 0;
    bool is_told = policy->quirks.refusal == FAKE_REFUSES_BY_ALERT || !policy->honours_fallback;
    fake_truth_add_trait(teller, TC_TRAIT_COMPRESSION, policy->compresses, has_old);
    fake_truth_add_trait(teller, TC_TRAIT_FALLBACK_SCSV, policy->honours_fallback,
                         num_spoken(teller) > 1 && has_old && is_told);
    fake_truth_add_trait(teller, TC_TRAIT_CLIENT_CERTIFICATE_REQUEST, policy->asks_certificate,
                         teller->own->is_done);
    tell_leaf(teller, FAKE_LEAF_ECDSA, TC_TRAIT_ECDSA_CERTIFICATE);
    tell_leaf(teller, FAKE_LEAF_RSA, TC_TRAIT_RSA_CERTIFICATE);
    fake_truth_add_trait(teller, TC_TRAIT_CONSISTENT, true, false);
}

/* ---- sessions, and what only a real handshake sees ---- */

static void tell_sessions(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    bool own13 = teller->own->version == TC_TLS1_3 && teller->own->is_done;
    bool tickets12 = (policy->acks & FAKE_ACK_TICKET) != 0;
    bool tickets = (own13 && policy->gives_tickets) || tickets12;
    bool are_late = policy->quirks.tickets_are_late;
    bool is_due = own13 && !are_late;
    fake_truth_add_trait(teller, TC_TRAIT_SESSION_TICKET, tickets,
                         is_due || (has_riders(teller) && (tickets12 || !are_late)));
    fake_truth_add_trait(teller, TC_TRAIT_PSK_RESUMPTION,
                         policy->gives_tickets && (policy->resumes & FAKE_RESUMES_PSK) != 0,
                         is_due);
    fake_truth_add_trait(teller, TC_TRAIT_EARLY_DATA,
                         policy->gives_tickets && (policy->resumes & FAKE_RESUMES_EARLY_DATA) != 0,
                         is_due && policy->gives_tickets &&
                             (policy->resumes & FAKE_RESUMES_PSK) != 0 &&
                             (policy->resumes & FAKE_RESUMES_EARLY_DATA) != 0);
    fake_truth_add_trait(teller, TC_TRAIT_SESSION_ID_RESUMPTION,
                         policy->gives_session_ids && (policy->resumes & FAKE_RESUMES_ID) != 0,
                         false);
    fake_truth_add_trait(teller, TC_TRAIT_TICKET_RESUMPTION,
                         tickets12 && (policy->resumes & FAKE_RESUMES_TICKET) != 0, false);
}

static void tell_extras(struct teller *teller)
{
    const struct fake_policy *policy = teller->policy;
    bool own13 = teller->own->version == TC_TLS1_3 && teller->own->is_done;
    for (unsigned i = 0; i < 3; i++) { /* RFC 8879: zlib, brotli, zstd are 1, 2, 3 */
        fake_truth_add_trait(teller, TC_TRAIT_CERTIFICATE_COMPRESSION_ZLIB + i,
                             policy->certificate_compression == i + 1,
                             own13 && (policy->certificate_compression == 0 ||
                                       policy->certificate_compression == i + 1));
    }
    fake_truth_add_trait(teller, TC_TRAIT_ECH_RETRY_CONFIGS, policy->ech_retry, own13);
}

/* One that chooses at random has no order, and what a survey takes for one is no lie. */
static void forget_orders(struct fake_truth *truth)
{
    for (size_t i = 0; i < truth->num_rows; i++) {
        struct fake_row *row = &truth->rows[i];
        row->rank = FAKE_ANY_RANK;
        if (row->kind == TC_FEATURE_TRAIT &&
            (row->code == TC_TRAIT_CIPHER_ORDER || row->code == TC_TRAIT_CONSISTENT)) {
            row->value = TC_UNKNOWN;
        }
    }
}

/* It has the name that it always chooses, and no other. */
static void expect_one_name(struct fake_truth *truth, const struct fake_policy *policy)
{
    uint32_t code = alpn_code(policy->quirks.always_alpn);
    for (size_t i = 0; i < truth->num_rows; i++) {
        struct fake_row *row = &truth->rows[i];
        bool is_name = row->kind == TC_FEATURE_ALPN;
        bool is_strict = row->kind == TC_FEATURE_TRAIT && row->code == TC_TRAIT_ALPN_STRICT;
        row->value = is_strict ? TC_UNKNOWN : is_name ? TC_NO : row->value;
        if (is_name && row->code == code) {
            row->value = TC_YES;
        }
    }
    if (fake_truth_find(truth, TC_FEATURE_ALPN, 0, code) == NULL) {
        struct teller teller = {.truth = truth, .policy = policy};
        fake_truth_add(&teller, TC_FEATURE_ALPN, 0, code, true)->is_due = false;
    }
}

/* One that ignores the lists supports what it chooses, and is caught at it, if at all. */
static void expect_inconsistency(struct fake_truth *truth, const struct fake_policy *policy)
{
    for (size_t i = 0; i < truth->num_rows; i++) {
        struct fake_row *row = &truth->rows[i];
        if (row->kind == TC_FEATURE_TRAIT && row->code == TC_TRAIT_CONSISTENT) {
            row->value = TC_UNKNOWN;
        }
        if (row->kind == TC_FEATURE_GROUP && policy->quirks.always_group != 0 &&
            row->code != policy->quirks.always_group) {
            row->value = TC_NO; /* it never chooses it */
        }
    }
    for (uint16_t version = TC_TLS1_2; version <= TC_TLS1_3; version++) {
        if (policy->quirks.always_group != 0 &&
            fake_truth_find(truth, TC_FEATURE_GROUP, version, policy->quirks.always_group) ==
                NULL) {
            truth->rows[truth->num_rows] = (struct fake_row){.kind = TC_FEATURE_GROUP,
                                                             .version = version,
                                                             .code = policy->quirks.always_group,
                                                             .value = TC_YES,
                                                             .number = TC_FEATURE_NO_VALUE};
            truth->num_rows++;
        }
    }
}

void fake_truth_tell(struct fake_truth *out, const struct fake_policy *policy,
                     const struct tc_handshake_facts *own, enum tc_survey_depth depth,
                     unsigned intrusive)
{
    struct teller teller = {.truth = out,
                            .policy = policy,
                            .own = own,
                            .is_deep = depth == TC_SURVEY_DEEP,
                            .intrusive = intrusive,
                            .best_old = -1};
    out->num_rows = 0;
    out->is_open = policy->quirks.always_suite != 0;
    for (int level = TC_LEVEL_SSL3; level <= TC_LEVEL_TLS1_2; level++) {
        teller.best_old = fake_is_spoken(&teller, level) ? level : teller.best_old;
    }
    tell_ssl2(&teller);
    for (int level = TC_LEVEL_SSL3; level <= TC_LEVEL_TLS1_3; level++) {
        tell_level(&teller, level);
    }
    tell_groups13(&teller);
    tell_groups12(&teller);
    fake_truth_tell_deep(&teller);
    tell_acks(&teller);
    tell_alpn(&teller);
    tell_dh(&teller);
    tell_names(&teller);
    tell_habits(&teller);
    tell_sessions(&teller);
    tell_extras(&teller);
    fake_truth_add_trait(&teller, TC_TRAIT_SURVEY_COMPLETE, true, !policy->quirks.wants_real_share);
    if (policy->quirks.chooses_at_random) {
        forget_orders(out);
    }
    if (policy->quirks.always_alpn != NULL) {
        expect_one_name(out, policy);
    }
    if (policy->quirks.always_suite != 0 || policy->quirks.always_group != 0 ||
        policy->quirks.always_alpn != NULL) {
        expect_inconsistency(out, policy);
    }
}
