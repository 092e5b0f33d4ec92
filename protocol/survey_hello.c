/* The parts of which the survey's hellos are made. */
#include <stdio.h>
#include <string.h>

#include "protocol/put.h"
#include "protocol/survey_internal.h"

/* RFC 7685: some load balancers hang on hellos of 256 to 511 bytes. A signal or a compression
 * method may come later, so the gap begins a little earlier here. */
#define HANGING_FROM 248
#define HANGING_TO   511

#define X25519_BYTES 32

#define EXTENSION_SIGNATURE_ALGORITHMS_CERT 50

enum tc_level_index tc_level_of(uint16_t version)
{
    switch (version) {
    case TC_SSL2:
        return TC_LEVEL_SSL2;
    case TC_SSL3:
        return TC_LEVEL_SSL3;
    case TC_TLS1:
        return TC_LEVEL_TLS1;
    case TC_TLS1_1:
        return TC_LEVEL_TLS1_1;
    case TC_TLS1_2:
        return TC_LEVEL_TLS1_2;
    case TC_TLS1_3:
        return TC_LEVEL_TLS1_3;
    default:
        return TC_LEVEL_COUNT;
    }
}

enum tc_level_index tc_survey_best_old_level(const struct tc_survey *survey)
{
    for (int i = TC_LEVEL_TLS1_2; i >= TC_LEVEL_SSL3; i--) {
        if (survey->levels[i].supported.value == TC_YES) {
            return (enum tc_level_index)i;
        }
        if (!survey->levels[i].is_decided) {
            return TC_LEVEL_COUNT;
        }
    }
    return TC_LEVEL_COUNT;
}

bool tc_survey_old_levels_are_known(const struct tc_survey *survey)
{
    for (int i = TC_LEVEL_SSL3; i <= TC_LEVEL_TLS1_2; i++) {
        if (survey->levels[i].supported.value != TC_YES && !survey->levels[i].is_decided) {
            return false;
        }
    }
    return true;
}

bool tc_survey_suite_fits(const struct tc_suite *suite, uint16_t version)
{
    return suite->min_version <= version && version <= suite->max_version;
}

void tc_survey_begin_hello(struct tc_survey *survey, struct tc_hello *hello, uint16_t version)
{
    uint8_t random[TC_HELLO_RANDOM_BYTES];
    for (size_t i = 0; i < sizeof random; i += sizeof(uint64_t)) {
        uint64_t word = tc_survey_random(survey);
        memcpy(random + i, &word, sizeof word);
    }
    /* RFC 8446 section 5.1: 0x0301 for compatibility, whatever is offered; SSL 3.0 knows itself
     * alone. */
    tc_hello_init(hello, version == TC_SSL3 ? TC_SSL3 : TC_TLS1,
                  version > TC_TLS1_2 ? TC_TLS1_2 : version, random);
    if (version == TC_TLS1_3) { /* RFC 8446 appendix D.4: middleboxes like a session id */
        for (size_t i = 0; i < sizeof hello->session_id; i += sizeof(uint64_t)) {
            uint64_t word = tc_survey_random(survey);
            memcpy(hello->session_id + i, &word, sizeof word);
        }
        hello->session_id_len = sizeof hello->session_id;
    }
}

void tc_survey_add_name(struct tc_survey *survey, struct tc_hello *hello, enum tc_hello_name name)
{
    char unknown[64];
    if (name == TC_HELLO_OWN_NAME && survey->options.server_name != NULL) {
        tc_hello_add_server_name(hello, survey->options.server_name);
    } else if (name == TC_HELLO_UNKNOWN_NAME) { /* RFC 6761 section 6.2: nobody has such a name */
        (void)snprintf(unknown, sizeof unknown, "unknown-%08x.test",
                       (unsigned)(survey->options.seed & 0xffffffff));
        tc_hello_add_server_name(hello, unknown);
    }
}

void tc_survey_add_suites(const struct tc_survey *survey, struct tc_hello *hello,
                          const struct tc_bits *which, bool reversed)
{
    size_t num = survey->num_candidates;
    for (size_t i = 0; i < num && hello->num_suites < TC_MAX_PER_HELLO; i++) {
        size_t place = reversed ? num - 1 - i : i;
        if (tc_bits_get(which, place)) {
            tc_hello_add_suite(hello, (uint16_t)survey->candidates[place]->code);
        }
    }
}

void tc_survey_add_good_suites(const struct tc_survey *survey, struct tc_hello *hello,
                               enum tc_level_index level)
{
    const struct tc_level *known = &survey->levels[level];
    if (tc_bits_any(&known->yes)) {
        tc_survey_add_suites(survey, hello, &known->yes, false);
        return;
    }
    for (size_t i = 0; i < survey->num_common && hello->num_suites < TC_MAX_PER_HELLO; i++) {
        if (tc_survey_suite_fits(survey->candidates[i], known->version)) {
            tc_hello_add_suite(hello, (uint16_t)survey->candidates[i]->code);
        }
    }
}

/* How late a scheme stands in our list: a server that follows it then signs as well as it can. */
static int lateness(const struct tc_scheme *scheme)
{
    if (scheme->is_sha1_or_md5) {
        return 2;
    }
    return scheme->is_tls13 ? 0 : 1;
}

size_t tc_survey_common_schemes(uint16_t version, uint16_t out[TC_MAX_OFFERED_SCHEMES])
{
    size_t num = 0;
    size_t num_schemes = 0;
    const struct tc_scheme *schemes = tc_schemes(&num_schemes);
    for (int late = 0; late <= 2; late++) {
        for (size_t i = 0; i < num_schemes && num < TC_MAX_OFFERED_SCHEMES; i++) {
            /* RFC 8446 section 4.2.3: certificates may be signed with what a handshake may not. */
            bool fits = schemes[i].is_tls12 || (version == TC_TLS1_3 && schemes[i].is_tls13);
            if (schemes[i].is_common && fits && lateness(&schemes[i]) == late) {
                out[num] = schemes[i].code;
                num++;
            }
        }
    }
    return num;
}

void tc_survey_add_schemes(struct tc_hello *hello, uint16_t version)
{
    uint16_t offered[TC_MAX_OFFERED_SCHEMES];
    size_t num = tc_survey_common_schemes(version, offered);
    tc_hello_add_signature_algorithms(hello, offered, num);
}

static void pad(struct tc_hello *hello, size_t coming_bytes)
{
    size_t len = tc_hello_handshake_bytes(hello) + coming_bytes;
    if (len >= HANGING_FROM && len <= HANGING_TO) {
        tc_hello_pad(hello, HANGING_TO + 1 - coming_bytes);
    }
}

/* Groups come last: some peers choke on a last extension that is empty, and this one never is. */
void tc_survey_add_groups_last(struct tc_hello *hello, const uint16_t *groups, size_t num_groups)
{
    pad(hello, 6 + 2 * num_groups);
    tc_hello_add_groups(hello, groups, num_groups);
}

static size_t common_groups(const struct tc_group_state *state, uint16_t out[TC_MAX_GROUPS])
{
    size_t num = 0;
    for (size_t i = 0; i < state->num_known; i++) {
        if (state->known[i]->is_common) {
            out[num] = state->known[i]->code;
            num++;
        }
    }
    return num;
}

void tc_survey_end_old_hello(struct tc_survey *survey, struct tc_hello *hello, uint16_t version,
                             const uint16_t *groups, size_t num_groups)
{
    uint16_t common[TC_MAX_GROUPS];
    tc_hello_add_suite(hello, TC_SCSV_RENEGOTIATION);
    if (version == TC_SSL3) {
        return; /* it knows no extensions */
    }
    if (groups == NULL) {
        num_groups = common_groups(&survey->groups12, common);
        groups = common;
    }
    tc_hello_add_point_formats(hello);
    if (version == TC_TLS1_2) {
        tc_survey_add_schemes(hello, version);
    }
    tc_survey_add_groups_last(hello, groups, num_groups);
}

/*
 * RFC 8446 section 4.2.3: a list of its own for certificates, where there is one, keeps the other
 * free for what is asked.
 */
static void add_certificate_schemes(struct tc_hello *hello)
{
    uint16_t offered[TC_MAX_OFFERED_SCHEMES];
    uint8_t body[2 + 2 * TC_MAX_OFFERED_SCHEMES];
    size_t num = tc_survey_common_schemes(TC_TLS1_2, offered);
    uint8_t *end = put_u16s(put_u16(body, 2 * num), offered, num);
    tc_hello_add_extension(hello, EXTENSION_SIGNATURE_ALGORITHMS_CERT, body, (size_t)(end - body));
}

void tc_survey_end_hello_with_schemes(struct tc_survey *survey, struct tc_hello *hello,
                                      const uint16_t *schemes, size_t num_schemes)
{
    uint16_t groups[TC_MAX_GROUPS];
    size_t num_groups = common_groups(&survey->groups12, groups);
    tc_hello_add_suite(hello, TC_SCSV_RENEGOTIATION);
    tc_hello_add_point_formats(hello);
    tc_hello_add_signature_algorithms(hello, schemes, num_schemes);
    add_certificate_schemes(hello);
    tc_survey_add_groups_last(hello, groups, num_groups);
}

/* What an X25519 share needs beside it: its group, which may not be on the list (`num`) yet. */
static size_t add_group_of(const struct tc_key_share *share, uint16_t *offered, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        if (offered[i] == share->group) {
            return num;
        }
    }
    offered[num] = share->group; /* RFC 8446 section 4.2.8: what has a share is on offer */
    return num + 1;
}

void tc_survey_add_groups13(struct tc_survey *survey, struct tc_hello *hello,
                            const uint16_t *groups, size_t num_groups, bool with_grease)
{
    static const uint8_t zero = 0;
    const struct tc_key_share grease = {.group = tc_grease_value(0), .key = &zero, .key_len = 1};
    uint16_t offered[TC_MAX_GROUPS + 2];
    uint8_t key[X25519_BYTES];
    struct tc_key_share shares[2] = {grease};
    size_t num_shares = with_grease || survey->share13 == TC_SHARE_GREASE ? 1 : 0;
    size_t num = num_shares;
    offered[0] = grease.group;
    memcpy(offered + num, groups, num_groups * sizeof groups[0]);
    num += num_groups;
    if (survey->share13 == TC_SHARE_X25519) {
        size_t len = tc_key_share_fill(key, sizeof key, TC_GROUP_X25519, tc_survey_random(survey));
        shares[num_shares] =
            (struct tc_key_share){.group = TC_GROUP_X25519, .key = key, .key_len = len};
        num = add_group_of(&shares[num_shares], offered, num);
        num_shares++;
    }
    tc_hello_add_key_shares(hello, shares, num_shares);
    tc_survey_add_groups_last(hello, offered, num);
}

void tc_survey_add_tls13_extensions(struct tc_hello *hello, const uint16_t *versions,
                                    size_t num_versions)
{
    tc_hello_add_versions(hello, versions, num_versions);
    tc_survey_add_schemes(hello, TC_TLS1_3);
    tc_hello_add_psk_modes(hello);
}

void tc_survey_end_tls13_hello(struct tc_survey *survey, struct tc_hello *hello,
                               const uint16_t *versions, size_t num_versions, bool with_grease)
{
    uint16_t groups[TC_MAX_GROUPS];
    size_t num = common_groups(&survey->groups13, groups);
    tc_survey_add_tls13_extensions(hello, versions, num_versions);
    tc_survey_add_groups13(survey, hello, groups, num, with_grease);
}

void tc_survey_end_tls13_hello_with_shares(struct tc_survey *survey, struct tc_hello *hello,
                                           const struct tc_key_share *shares, size_t num_shares)
{
    static const uint16_t tls13 = TC_TLS1_3;
    uint16_t groups[TC_MAX_GROUPS];
    size_t num = common_groups(&survey->groups13, groups);
    tc_survey_add_tls13_extensions(hello, &tls13, 1);
    tc_hello_add_key_shares(hello, shares, num_shares);
    tc_survey_add_groups_last(hello, groups, num);
}

void tc_survey_end_greased_old_hello(struct tc_survey *survey, struct tc_hello *hello,
                                     uint16_t version, bool with_grease)
{
    uint16_t groups[TC_MAX_GROUPS + 1];
    size_t num = with_grease ? 1 : 0;
    groups[0] = tc_grease_value(0);
    num += common_groups(&survey->groups12, groups + num);
    tc_survey_end_old_hello(survey, hello, version, groups, num);
}

void tc_survey_begin_plain_hello(struct tc_survey *survey, struct tc_hello *hello,
                                 enum tc_level_index level, enum tc_hello_name name)
{
    uint16_t version = survey->levels[level].version;
    tc_survey_begin_hello(survey, hello, version);
    tc_survey_add_good_suites(survey, hello, level);
    if (version != TC_SSL3) {
        tc_survey_add_name(survey, hello, name);
    }
}

void tc_survey_end_plain_hello(struct tc_survey *survey, struct tc_hello *hello,
                               enum tc_level_index level)
{
    uint16_t version = survey->levels[level].version;
    if (version == TC_TLS1_3) {
        tc_survey_end_tls13_hello(survey, hello, &version, 1, false);
    } else {
        tc_survey_end_old_hello(survey, hello, version, NULL, 0);
    }
}

void tc_survey_plain_hello(struct tc_survey *survey, struct tc_hello *hello,
                           enum tc_level_index level, enum tc_hello_name name)
{
    tc_survey_begin_plain_hello(survey, hello, level, name);
    tc_survey_end_plain_hello(survey, hello, level);
}

bool tc_survey_is_highest(const struct tc_survey *survey, enum tc_level_index index)
{
    for (size_t i = (size_t)index + 1; i <= TC_LEVEL_TLS1_2; i++) {
        if (!survey->levels[i].is_decided) {
            return false;
        }
    }
    return true;
}

enum tc_ask tc_survey_ask_old(const struct tc_survey *survey)
{
    enum tc_level_index best = tc_survey_best_old_level(survey);
    if (best == TC_LEVEL_COUNT) {
        return tc_survey_old_levels_are_known(survey) ? TC_ASK_NEVER : TC_ASK_LATER;
    }
    if (survey->levels[best].lanes_open > 0) {
        return TC_ASK_LATER;
    }
    return best == TC_LEVEL_SSL3 ? TC_ASK_NEVER : TC_ASK_YES;
}
