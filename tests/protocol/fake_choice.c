/* What a policy makes of a hello: a refusal, or version, suite, group, scheme, leaf and protocol.
 */
#include <string.h>

#include "fake_server.h"

#define ALERT_HANDSHAKE_FAILURE      40
#define ALERT_ILLEGAL_PARAMETER      47
#define ALERT_DECODE_ERROR           50
#define ALERT_PROTOCOL_VERSION       70
#define ALERT_INAPPROPRIATE_FALLBACK 86
#define ALERT_MISSING_EXTENSION      109
#define ALERT_UNRECOGNIZED_NAME      112
#define ALERT_NO_PROTOCOL            120

#define GROUP_SECP256R1 0x0017
#define SCHEME_RSA_SHA1 0x0201
#define SCHEME_EC_SHA1  0x0203
#define LARGE_BYTES     1400

uint64_t fake_random(uint64_t *state)
{
    /* The generator of the C standard's example, its better half. */
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

enum fake_leaf fake_suite_leaf(uint16_t code)
{
    const struct tc_suite *suite = tc_suite_find(code);
    if (suite->kx == TC_KX_ECDH || suite->auth == TC_AUTH_ECDSA) {
        return FAKE_LEAF_ECDSA;
    }
    return suite->auth == TC_AUTH_RSA ? FAKE_LEAF_RSA : FAKE_LEAF_NONE;
}

/* The server's numbers that the client has too, in the order that counts. */
static size_t in_common(uint16_t *out, size_t max, const uint16_t *servers, size_t num_servers,
                        const uint16_t *clients, size_t num_clients, bool client_order)
{
    const uint16_t *first = client_order ? clients : servers;
    const uint16_t *second = client_order ? servers : clients;
    size_t num_first = client_order ? num_clients : num_servers;
    size_t num_second = client_order ? num_servers : num_clients;
    size_t num = 0;
    for (size_t i = 0; i < num_first && num < max; i++) {
        if (fake_has(second, num_second, first[i]) && !fake_has(out, num, first[i])) {
            out[num] = first[i];
            num++;
        }
    }
    return num;
}

/* ---- groups and schemes ---- */

static uint16_t pick_group12(const struct fake_policy *policy, const struct fake_hello *hello)
{
    static const uint16_t assumed[] = {GROUP_SECP256R1}; /* RFC 8422 section 4: any will do */
    bool is_told = fake_hello_has(hello, TC_EXTENSION_SUPPORTED_GROUPS);
    uint16_t common[FAKE_GROUPS];
    if (policy->quirks.always_group != 0) {
        return policy->quirks.always_group;
    }
    size_t num = in_common(common, FAKE_GROUPS, policy->groups12, fake_len(policy->groups12),
                           is_told ? hello->groups : assumed, is_told ? hello->num_groups : 1,
                           policy->client_group_order);
    return num > 0 ? common[0] : 0;
}

static bool scheme_fits(uint16_t code, enum fake_leaf leaf)
{
    const struct tc_scheme *scheme = tc_scheme_find(code);
    return scheme->auth == (leaf == FAKE_LEAF_RSA ? TC_AUTH_RSA : TC_AUTH_ECDSA);
}

/* 0: none is left to sign with. */
static uint16_t pick_scheme(const struct fake_policy *policy, const uint16_t *schemes,
                            const struct fake_hello *hello, enum fake_leaf leaf)
{
    uint16_t common[FAKE_GROUPS];
    if (!fake_hello_has(hello, TC_EXTENSION_SIGNATURE_ALGORITHMS)) {
        return leaf == FAKE_LEAF_RSA ? SCHEME_RSA_SHA1 : SCHEME_EC_SHA1; /* RFC 5246, 7.4.1.4.1 */
    }
    size_t num = in_common(common, FAKE_GROUPS, schemes, fake_len(schemes), hello->schemes,
                           hello->num_schemes, policy->client_scheme_order);
    for (size_t i = 0; i < num; i++) {
        if (scheme_fits(common[i], leaf)) {
            return common[i];
        }
    }
    return 0;
}

/* ---- suites ---- */

static bool can_sign12(const struct fake_policy *policy, const struct fake_hello *hello,
                       uint16_t version, enum fake_leaf leaf)
{
    return version != TC_TLS1_2 || leaf == FAKE_LEAF_NONE ||
           pick_scheme(policy, policy->schemes12, hello, leaf) != 0;
}

static bool suite_works12(const struct fake_policy *policy, const struct fake_hello *hello,
                          uint16_t version, uint16_t code)
{
    const struct tc_suite *suite = tc_suite_find(code);
    enum fake_leaf leaf = fake_suite_leaf(code);
    if (leaf != FAKE_LEAF_NONE && (policy->leaves & 1U << leaf) == 0) {
        return false;
    }
    bool is_told = fake_hello_has(hello, TC_EXTENSION_SUPPORTED_GROUPS);
    if (leaf == FAKE_LEAF_ECDSA && policy->wants_leaf_curve && is_told &&
        !fake_has(hello->groups, hello->num_groups, GROUP_SECP256R1)) {
        return false;
    }
    if (suite->kx == TC_KX_ECDHE) {
        return pick_group12(policy, hello) != 0 && can_sign12(policy, hello, version, leaf);
    }
    if (suite->kx == TC_KX_DHE) {
        return policy->dh_bits != 0 && can_sign12(policy, hello, version, leaf);
    }
    return true;
}

/* The suites that the server can choose, the best first. */
static size_t usable_suites(const struct fake_policy *policy, const struct fake_hello *hello,
                            enum tc_level_index level, uint16_t out[FAKE_SUITES])
{
    static const uint16_t versions[TC_LEVEL_COUNT] = {TC_SSL2,   TC_SSL3,   TC_TLS1,
                                                      TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};
    const uint16_t *suites = policy->suites[level];
    uint16_t common[FAKE_SUITES];
    size_t num_usable = 0;
    size_t num = in_common(common, FAKE_SUITES, suites, fake_len(suites), hello->suites,
                           hello->num_suites, policy->client_order);
    for (size_t i = 0; i < num; i++) {
        if (level == TC_LEVEL_TLS1_3 || suite_works12(policy, hello, versions[level], common[i])) {
            out[num_usable] = common[i];
            num_usable++;
        }
    }
    return num_usable;
}

static bool pick_suite(struct fake_choice *out, const struct fake_policy *policy,
                       const struct fake_hello *hello, enum tc_level_index level, uint64_t *random)
{
    uint16_t usable[FAKE_SUITES];
    size_t num = usable_suites(policy, hello, level, usable);
    out->suite = policy->quirks.always_suite;
    if (out->suite != 0 && fake_has(policy->suites[level], FAKE_SUITES, out->suite)) {
        return true;
    }
    if (num == 0) {
        out->alert = ALERT_HANDSHAKE_FAILURE;
        return false;
    }
    out->suite = usable[policy->quirks.chooses_at_random ? fake_random(random) % num : 0];
    return true;
}

/* ---- versions ---- */

static bool is_spoken(const struct fake_policy *policy, enum tc_level_index level)
{
    return policy->suites[level][0] != 0;
}

static enum tc_level_index highest_spoken(const struct fake_policy *policy)
{
    for (int i = TC_LEVEL_TLS1_3; i >= TC_LEVEL_SSL3; i--) {
        if (is_spoken(policy, (enum tc_level_index)i)) {
            return (enum tc_level_index)i;
        }
    }
    return TC_LEVEL_COUNT;
}

static bool is_on_offer(const struct fake_policy *policy, const struct fake_hello *hello,
                        uint16_t version)
{
    if (!policy->ignores_versions_extension && hello->num_versions > 0) {
        return fake_has(hello->versions, hello->num_versions, version);
    }
    return version <= hello->legacy_version && version <= TC_TLS1_2;
}

static enum tc_level_index pick_level(const struct fake_policy *policy,
                                      const struct fake_hello *hello)
{
    static const uint16_t versions[] = {TC_SSL2, TC_SSL3, TC_TLS1, TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};
    uint16_t usable[FAKE_SUITES];
    for (int i = TC_LEVEL_TLS1_3; i >= TC_LEVEL_SSL3; i--) {
        enum tc_level_index level = (enum tc_level_index)i;
        if (is_spoken(policy, level) && is_on_offer(policy, hello, versions[i]) &&
            (!policy->quirks.falls_back || usable_suites(policy, hello, level, usable) > 0)) {
            return level;
        }
    }
    return TC_LEVEL_COUNT;
}

/* ---- what it does not stand ---- */

static bool is_grease(uint16_t number)
{
    return (number & 0x0f0f) == 0x0a0a && number >> 8 == (number & 0xff);
}

static bool has_grease(const uint16_t *numbers, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (is_grease(numbers[i])) {
            return true;
        }
    }
    return false;
}

static bool has_grease_name(const struct fake_hello *hello)
{
    for (size_t i = 0; i < hello->num_alpn; i++) {
        if (strlen(hello->alpn[i]) == 2 && hello->alpn[i][0] == hello->alpn[i][1]) {
            return true;
        }
    }
    return false;
}

static bool has_strange_version(const struct fake_hello *hello)
{
    for (size_t i = 0; i < hello->num_versions; i++) {
        if (hello->versions[i] > TC_TLS1_3 || hello->versions[i] < TC_SSL3) {
            return true;
        }
    }
    return false;
}

static bool is_minded(const struct fake_policy *policy, const struct fake_hello *hello)
{
    unsigned minds = policy->quirks.minds;
    return ((minds & FAKE_MINDS_VERSION) != 0 && hello->legacy_version > TC_TLS1_2) ||
           ((minds & FAKE_MINDS_VERSIONS) != 0 && has_strange_version(hello)) ||
           ((minds & FAKE_MINDS_SUITE) != 0 && has_grease(hello->suites, hello->num_suites)) ||
           ((minds & FAKE_MINDS_GROUP) != 0 && has_grease(hello->groups, hello->num_groups)) ||
           ((minds & FAKE_MINDS_EXTENSION) != 0 &&
            has_grease(hello->extensions, hello->num_extensions)) ||
           ((minds & FAKE_MINDS_ALPN) != 0 && has_grease_name(hello)) ||
           ((minds & FAKE_MINDS_LARGE) != 0 && hello->bytes > LARGE_BYTES) ||
           ((minds & FAKE_MINDS_SPLIT) != 0 && hello->is_split) ||
           ((minds & FAKE_MINDS_RIDERS) != 0 && fake_hello_has(hello, TC_EXTENSION_NPN)) ||
           (policy->quirks.intolerant_above != 0 &&
            hello->legacy_version > policy->quirks.intolerant_above);
}

/* ---- the rest ---- */

static void pick_alpn(struct fake_choice *out, const struct fake_policy *policy,
                      const struct fake_hello *hello)
{
    if (policy->quirks.always_alpn != NULL && hello->num_alpn > 0) {
        out->alpn = policy->quirks.always_alpn;
        return;
    }
    for (size_t i = 0; policy->alpn[i] != NULL; i++) {
        for (size_t j = 0; j < hello->num_alpn; j++) {
            if (strcmp(policy->alpn[i], hello->alpn[j]) == 0) {
                out->alpn = policy->alpn[i];
                return;
            }
        }
    }
    if (policy->alpn_strict && hello->num_alpn > 0) {
        out->alert = ALERT_NO_PROTOCOL;
    }
}

static void pick_name(struct fake_choice *out, const struct fake_policy *policy,
                      const struct fake_hello *hello)
{
    if (hello->name[0] == '\0') {
        out->name = policy->no_name;
    } else if (strcmp(hello->name, FAKE_SERVER_NAME) != 0) {
        out->name = policy->unknown_name;
    }
    if (out->name == FAKE_NAME_REFUSED) {
        out->alert = ALERT_UNRECOGNIZED_NAME;
    }
}

/* RFC 8446 section 4.1.1, with the group first, as those who ask for another share do. */
static void pick_group13(struct fake_choice *out, const struct fake_policy *policy,
                         const struct fake_hello *hello)
{
    uint16_t common[FAKE_GROUPS];
    size_t num = in_common(common, FAKE_GROUPS, policy->groups13, fake_len(policy->groups13),
                           hello->groups, hello->num_groups, policy->client_group_order);
    size_t num_real = 0;
    for (size_t i = 0; i < hello->num_shares; i++) {
        num_real += tc_group_find(hello->shares[i]) != NULL ? 1 : 0;
    }
    if (!fake_hello_has(hello, TC_EXTENSION_KEY_SHARE) || hello->num_schemes == 0) {
        out->alert = ALERT_MISSING_EXTENSION;
    } else if (policy->quirks.refuses_empty_shares && hello->num_shares == 0) {
        out->alert = ALERT_DECODE_ERROR;
    } else if (policy->quirks.wants_real_share && num_real == 0) {
        out->alert = ALERT_ILLEGAL_PARAMETER;
    } else if (num == 0) {
        out->alert = ALERT_HANDSHAKE_FAILURE;
    } else {
        out->group = policy->quirks.always_group != 0 ? policy->quirks.always_group : common[0];
        out->is_retry = !fake_has(hello->shares, hello->num_shares, out->group);
    }
}

static void finish13(struct fake_choice *out, const struct fake_policy *policy,
                     const struct fake_hello *hello)
{
    static const enum fake_leaf leaves[] = {FAKE_LEAF_ECDSA, FAKE_LEAF_RSA};
    pick_group13(out, policy, hello);
    for (size_t i = 0; out->alert == 0 && out->scheme == 0 && i < TC_ARRAY_LEN(leaves); i++) {
        if ((policy->leaves & 1U << leaves[i]) != 0) {
            out->scheme = pick_scheme(policy, policy->schemes13, hello, leaves[i]);
            out->leaf = leaves[i];
        }
    }
    /* One that retries has not looked at its certificates yet. */
    if (out->alert == 0 && out->scheme == 0 && !out->is_retry) {
        out->alert = ALERT_HANDSHAKE_FAILURE;
    }
}

static void finish12(struct fake_choice *out, const struct fake_policy *policy,
                     const struct fake_hello *hello)
{
    const struct tc_suite *suite = tc_suite_find(out->suite);
    out->leaf = fake_suite_leaf(out->suite);
    if (suite->kx == TC_KX_ECDHE) {
        out->group = pick_group12(policy, hello);
        out->group = out->group != 0 ? out->group : policy->groups12[0]; /* always_suite */
    }
    if (out->version == TC_TLS1_2 && (suite->kx == TC_KX_ECDHE || suite->kx == TC_KX_DHE) &&
        out->leaf != FAKE_LEAF_NONE) {
        out->scheme = pick_scheme(policy, policy->schemes12, hello, out->leaf);
    }
}

static bool is_bad_fallback(const struct fake_policy *policy, const struct fake_hello *hello,
                            enum tc_level_index level)
{
    return policy->honours_fallback && level < highest_spoken(policy) &&
           fake_has(hello->suites, hello->num_suites, TC_SCSV_FALLBACK);
}

void fake_choose(struct fake_choice *out, const struct fake_policy *policy,
                 const struct fake_hello *hello, uint64_t *random)
{
    static const uint16_t versions[] = {TC_SSL2, TC_SSL3, TC_TLS1, TC_TLS1_1, TC_TLS1_2, TC_TLS1_3};
    *out = (struct fake_choice){0};
    if (is_minded(policy, hello)) {
        out->alert = ALERT_DECODE_ERROR;
        out->by_silence = policy->quirks.minds_by_silence;
        return;
    }
    enum tc_level_index level = pick_level(policy, hello);
    if (level == TC_LEVEL_COUNT) {
        out->alert =
            policy->alerts_handshake_failure ? ALERT_HANDSHAKE_FAILURE : ALERT_PROTOCOL_VERSION;
        return;
    }
    out->version = versions[level];
    pick_name(out, policy, hello);
    if (out->alert == 0 && is_bad_fallback(policy, hello, level)) {
        out->alert = ALERT_INAPPROPRIATE_FALLBACK;
    }
    if (out->alert != 0 || !pick_suite(out, policy, hello, level, random)) {
        return;
    }
    if (level == TC_LEVEL_TLS1_3) {
        finish13(out, policy, hello);
    } else {
        finish12(out, policy, hello);
    }
    if (out->alert == 0) {
        pick_alpn(out, policy, hello);
    }
}
