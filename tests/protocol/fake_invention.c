/* Policies that nobody thought of, and what spoils them. */
#include <string.h>

#include "fake_policies.h"

static uint64_t below(uint64_t *random, uint64_t limit)
{
    return fake_random(random) % limit;
}

static bool one_in(uint64_t *random, uint64_t num)
{
    return below(random, num) == 0;
}

static void shuffle(uint16_t *numbers, size_t num, uint64_t *random)
{
    for (size_t i = num; i > 1; i--) {
        size_t other = below(random, i);
        uint16_t held = numbers[i - 1];
        numbers[i - 1] = numbers[other];
        numbers[other] = held;
    }
}

/* ---- suites ---- */

static bool suite_fits(const struct fake_policy *policy, const struct tc_suite *suite,
                       uint16_t version)
{
    bool is_plain =
        suite->auth == TC_AUTH_RSA || suite->auth == TC_AUTH_ECDSA || suite->auth == TC_AUTH_ANON;
    bool is_exchange = suite->kx == TC_KX_RSA || suite->kx == TC_KX_DHE ||
                       suite->kx == TC_KX_ECDHE || suite->kx == TC_KX_ECDH;
    if (version < suite->min_version || version > suite->max_version) {
        return false;
    }
    if (version == TC_TLS1_3) {
        return true;
    }
    if (suite->code >= 0x16b7 && suite->code <= 0x16ba) {
        return false; /* CECPQ1, whose key exchange nobody reads any more */
    }
    if (!is_plain || !is_exchange || (version == TC_SSL3 && suite->kx == TC_KX_ECDHE)) {
        return false;
    }
    enum fake_leaf leaf = fake_suite_leaf((uint16_t)suite->code);
    return leaf == FAKE_LEAF_NONE || (policy->leaves & 1U << leaf) != 0;
}

/* As many as there are of `num`, of which the first is one that profile standard asks for. */
static void invent_suites(struct fake_policy *policy, uint16_t *out, uint16_t version, size_t num,
                          uint64_t *random)
{
    uint16_t fitting[512];
    size_t num_fitting = 0;
    size_t num_suites = 0;
    const struct tc_suite *suites = tc_suites(&num_suites);
    for (size_t i = 0; i < num_suites; i++) {
        if (suite_fits(policy, &suites[i], version)) {
            fitting[num_fitting] = (uint16_t)suites[i].code;
            num_fitting++;
        }
    }
    shuffle(fitting, num_fitting, random);
    for (size_t i = 0; i < num_fitting; i++) {
        if (tc_suite_find(fitting[i])->is_common) {
            uint16_t held = fitting[0];
            fitting[0] = fitting[i];
            fitting[i] = held;
            break;
        }
    }
    num = num < num_fitting ? num : num_fitting;
    memcpy(out, fitting, num * sizeof fitting[0]);
    shuffle(out, num, random);
}

/* ---- groups and schemes ---- */

static void invent_groups(uint16_t *out, bool for13, uint64_t *random)
{
    uint16_t fitting[128];
    size_t num_fitting = 0;
    size_t num_groups = 0;
    const struct tc_group *groups = tc_groups(&num_groups);
    for (size_t i = 0; i < num_groups; i++) {
        bool is_curve = groups[i].kind == TC_GROUP_EC;
        if (for13 ? groups[i].is_tls13 : groups[i].is_tls12 && is_curve) {
            fitting[num_fitting] = groups[i].code;
            num_fitting++;
        }
    }
    shuffle(fitting, num_fitting, random);
    size_t num = below(random, 6);
    memcpy(out, fitting, num * sizeof fitting[0]);
    if (!fake_has(out, num, 0x0017) && !fake_has(out, num, 0x001d)) {
        out[num] = one_in(random, 2) ? 0x0017 : 0x001d; /* one that everybody has */
        num++;
    }
    shuffle(out, num, random);
}

static void invent_schemes(const struct fake_policy *policy, uint16_t *out, bool for13,
                           uint64_t *random)
{
    size_t num_schemes = 0;
    size_t num = 0;
    const struct tc_scheme *schemes = tc_schemes(&num_schemes);
    if ((policy->leaves & FAKE_HAS_RSA) != 0) {
        out[num] = for13 ? 0x0804 : 0x0401;
        num++;
    }
    if ((policy->leaves & FAKE_HAS_ECDSA) != 0) {
        out[num] = 0x0403;
        num++;
    }
    for (size_t i = 0; i < num_schemes && num < 10; i++) {
        enum fake_leaf leaf = schemes[i].auth == TC_AUTH_RSA     ? FAKE_LEAF_RSA
                              : schemes[i].auth == TC_AUTH_ECDSA ? FAKE_LEAF_ECDSA
                                                                 : FAKE_LEAF_NONE;
        bool fits = for13 ? schemes[i].is_tls13 : schemes[i].is_tls12;
        if (fits && leaf != FAKE_LEAF_NONE && (policy->leaves & 1U << leaf) != 0 &&
            !fake_has(out, num, schemes[i].code) && one_in(random, 3)) {
            out[num] = schemes[i].code;
            num++;
        }
    }
    shuffle(out, num, random);
}

/* ---- the rest ---- */

static void invent_levels(struct fake_policy *out, uint64_t *random)
{
    static const uint16_t versions[] = {TC_SSL3, TC_TLS1, TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};
    static const unsigned usual[] = {0x18, 0x18, 0x10, 0x08, 0x1c, 0x1e, 0x0e, 0x0f, 0x02};
    unsigned mask = one_in(random, 3) ? 1 + (unsigned)below(random, 31)
                                      : usual[below(random, TC_ARRAY_LEN(usual))];
    size_t most = one_in(random, 8) ? 40 : 10;
    for (size_t i = 0; i < TC_ARRAY_LEN(versions); i++) {
        if ((mask >> i & 1U) != 0) {
            size_t num = 1 + below(random, versions[i] == TC_TLS1_3 ? 5 : most);
            invent_suites(out, out->suites[TC_LEVEL_SSL3 + i], versions[i], num, random);
        }
    }
    out->ignores_versions_extension = (mask & 0x10) == 0 && one_in(random, 2);
    if (one_in(random, 8)) {
        out->speaks_ssl2 = true;
        out->ssl2_specs[0] = 0x0700c0;
        out->ssl2_specs[1] = 0x030080;
    }
}

static enum fake_name invent_name(uint64_t *random)
{
    return one_in(random, 2) ? FAKE_SAME_CERTIFICATE : (enum fake_name)below(random, 3);
}

static void invent_alpn(struct fake_policy *out, uint64_t *random)
{
    static const char *const names[] = {"h2", "http/1.1", "spdy/3", "http/1.0", "x-other"};
    size_t num = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(names); i++) {
        if (one_in(random, 3)) {
            out->alpn[num] = names[i];
            num++;
        }
    }
    out->alpn_strict = num > 0 && one_in(random, 4);
}

void fake_policy_invent(struct fake_policy *out, uint64_t seed)
{
    static const uint16_t dh_bits[] = {768, 1024, 2048, 4096};
    uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    *out = (struct fake_policy){.name = "invented"};
    out->leaves = 2 * (1 + (unsigned)below(&random, 3));
    invent_levels(out, &random);
    invent_groups(out->groups13, true, &random);
    invent_groups(out->groups12, false, &random);
    invent_schemes(out, out->schemes12, false, &random);
    invent_schemes(out, out->schemes13, true, &random);
    invent_alpn(out, &random);
    out->client_order = one_in(&random, 2);
    out->client_group_order = one_in(&random, 2);
    out->client_scheme_order = one_in(&random, 2);
    out->wants_leaf_curve = one_in(&random, 4);
    out->honours_fallback = one_in(&random, 2);
    out->compresses = one_in(&random, 4);
    out->hides_sentinel = one_in(&random, 4);
    out->alerts_handshake_failure = one_in(&random, 2);
    out->no_name = invent_name(&random);
    out->unknown_name = invent_name(&random);
    out->acks = (unsigned)below(&random, 0x200);
    out->gives_tickets = (out->acks & FAKE_ACK_TICKET) != 0;
    out->dh_bits = dh_bits[below(&random, TC_ARRAY_LEN(dh_bits))];
    out->knows_ffdhe = one_in(&random, 3);
    out->reuses_dh_key = one_in(&random, 3);
    out->gives_session_ids = one_in(&random, 2);
    out->resumes = (unsigned)below(&random, 16);
    out->asks_certificate = one_in(&random, 4);
    out->sends_warning = one_in(&random, 4);
    out->certificate_compression = (uint16_t)below(&random, 4);
    out->ech_retry = one_in(&random, 3);
    out->renegotiates = one_in(&random, 3);
    out->answers_short_heartbeat = one_in(&random, 3);
    out->takes_early_ccs = one_in(&random, 3);
    out->upgrades_http = one_in(&random, 3);
    out->ssl2 = (enum fake_ssl2)below(&random, 4);
}

void fake_policy_vary(struct fake_policy *policy, uint64_t seed)
{
    uint64_t random = seed * UINT64_C(0x94d049bb133111eb) + 3;
    size_t level = TC_LEVEL_SSL3 + below(&random, 5);
    switch (below(&random, 5)) {
    case 0: /* one suite less, but no version: one that is there by turns hides its lists */
        if (fake_len(policy->suites[level]) > 1) {
            policy->suites[level][fake_len(policy->suites[level]) - 1] = 0;
        }
        break;
    case 1:
        shuffle(policy->suites[level], fake_len(policy->suites[level]), &random);
        break;
    case 2:
        policy->client_order = !policy->client_order;
        break;
    case 3:
        policy->acks ^= (unsigned)below(&random, 0x200);
        policy->gives_tickets = (policy->acks & FAKE_ACK_TICKET) != 0;
        break;
    default:
        policy->no_name = invent_name(&random);
        policy->alpn[0] = NULL;
        policy->alpn_strict = false;
        break;
    }
}

/* ---- quirks ---- */

static void limit(struct fake_quirks *quirks, enum fake_limit how, uint64_t *random)
{
    quirks->limit_after = 1 + (unsigned)below(random, 40);
    quirks->limit = how;
}

static uint16_t any_suite(const struct fake_policy *policy, uint64_t *random)
{
    for (;;) {
        const uint16_t *suites = policy->suites[TC_LEVEL_SSL3 + below(random, 5)];
        if (suites[0] != 0) {
            return suites[below(random, fake_len(suites))];
        }
    }
}

typedef void spoiler(struct fake_policy *policy, uint64_t *random);

static void spoil_empty_shares(struct fake_policy *policy, uint64_t *random)
{
    (void)random;
    policy->quirks.refuses_empty_shares = true;
}

static void spoil_real_share(struct fake_policy *policy, uint64_t *random)
{
    (void)random;
    policy->quirks.wants_real_share = true;
}

/* A version that is passed over for want of a suite has to be there for the first hello at least.
 */
static void spoil_falls_back(struct fake_policy *policy, uint64_t *random)
{
    (void)random;
    policy->quirks.falls_back = true;
    if ((policy->leaves & FAKE_HAS_RSA) == 0) {
        policy->leaves |= FAKE_HAS_RSA;
        policy->schemes12[fake_len(policy->schemes12)] = 0x0401;
        policy->schemes13[fake_len(policy->schemes13)] = 0x0804;
    }
    for (size_t i = TC_LEVEL_SSL3; i <= TC_LEVEL_TLS1_3; i++) {
        if (policy->suites[i][0] != 0) {
            policy->suites[i][0] = i == TC_LEVEL_TLS1_3 ? 0x1301 : 0x000a;
            policy->suites[i][1] = 0;
        }
    }
}

static void spoil_choice(struct fake_policy *policy, uint64_t *random)
{
    (void)random;
    policy->quirks.chooses_at_random = true;
}

static void spoil_suite(struct fake_policy *policy, uint64_t *random)
{
    policy->quirks.always_suite = any_suite(policy, random);
}

static void spoil_group(struct fake_policy *policy, uint64_t *random)
{
    (void)random;
    policy->quirks.always_group = 0x0018;
}

static void spoil_alpn(struct fake_policy *policy, uint64_t *random)
{
    static const char *const names[] = {"h2", "http/1.1", "spdy/1"};
    policy->quirks.always_alpn = names[below(random, TC_ARRAY_LEN(names))];
}

static void spoil_limit_reset(struct fake_policy *policy, uint64_t *random)
{
    limit(&policy->quirks, FAKE_LIMIT_RESET, random);
}

static void spoil_limit_silence(struct fake_policy *policy, uint64_t *random)
{
    limit(&policy->quirks, FAKE_LIMIT_SILENCE, random);
}

static void spoil_limit_close(struct fake_policy *policy, uint64_t *random)
{
    limit(&policy->quirks, FAKE_LIMIT_CLOSE, random);
}

static void spoil_limit_unreached(struct fake_policy *policy, uint64_t *random)
{
    limit(&policy->quirks, FAKE_LIMIT_UNREACHED, random);
}

static void spoil_limit_alert(struct fake_policy *policy, uint64_t *random)
{
    limit(&policy->quirks, FAKE_LIMIT_ALERT, random);
}

static void spoil_refusal(struct fake_policy *policy, uint64_t *random)
{
    policy->quirks.refusal = (enum fake_refusal)(1 + below(random, 3));
}

static void spoil_version(struct fake_policy *policy, uint64_t *random)
{
    size_t highest = below(random, 3);
    policy->quirks.intolerant_above = (uint16_t)(TC_SSL3 + highest);
    for (size_t i = TC_LEVEL_SSL3 + highest + 1; i <= TC_LEVEL_TLS1_3; i++) {
        policy->suites[i][0] = 0; /* nobody gets there */
    }
    if (policy->suites[TC_LEVEL_SSL3 + highest][0] == 0) {
        policy->leaves |= FAKE_HAS_RSA;
        policy->suites[TC_LEVEL_SSL3 + highest][0] = 0x000a;
        policy->suites[TC_LEVEL_SSL3 + highest][1] = 0;
    }
}

static void spoil_tolerance(struct fake_policy *policy, uint64_t *random)
{
    policy->quirks.minds = 1U << below(random, 9);
    policy->quirks.minds_by_silence = one_in(random, 2);
}

static void spoil_flight(struct fake_policy *policy, uint64_t *random)
{
    (void)random;
    policy->quirks.stops_after_hello = true;
}

static void spoil_limited_hanger(struct fake_policy *policy, uint64_t *random)
{
    spoil_refusal(policy, random);
    limit(&policy->quirks, (enum fake_limit)below(random, FAKE_LIMIT_COUNT), random);
}

static const struct {
    const char *name;
    spoiler *spoil;
} k_spoilers[] = {{"refuses empty key shares", spoil_empty_shares},
                  {"wants a real key share", spoil_real_share},
                  {"falls back to where there is a suite", spoil_falls_back},
                  {"chooses at random", spoil_choice},
                  {"chooses one suite, whatever is offered", spoil_suite},
                  {"chooses one group, whatever is offered", spoil_group},
                  {"resets after some connections", spoil_limit_reset},
                  {"falls silent after some connections", spoil_limit_silence},
                  {"hangs up after some connections", spoil_limit_close},
                  {"is not reached after some connections", spoil_limit_unreached},
                  {"alerts after some connections", spoil_limit_alert},
                  {"refuses without words", spoil_refusal},
                  {"is intolerant of versions", spoil_version},
                  {"is intolerant of something", spoil_tolerance},
                  {"hangs up behind its ServerHello", spoil_flight},
                  {"refuses without words, and has a limit", spoil_limited_hanger},
                  {"chooses one protocol name, whatever is offered", spoil_alpn}};

size_t fake_num_spoilers(void)
{
    return TC_ARRAY_LEN(k_spoilers);
}

const char *fake_policy_spoil(struct fake_policy *policy, size_t kind, uint64_t seed)
{
    uint64_t random = seed * UINT64_C(0xbf58476d1ce4e5b9) + kind;
    k_spoilers[kind].spoil(policy, &random);
    return k_spoilers[kind].name;
}
