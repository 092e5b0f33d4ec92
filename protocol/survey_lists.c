/* What a survey may ask for, and what it knows before it asks anything. */
#include <string.h>

#include "protocol/survey_internal.h"

static bool is_askable(const struct tc_suite *suite)
{
    /* SSL 2.0's specs have a hello of their own, which names them all. */
    return suite->min_version >= TC_SSL3;
}

/*
 * Common suites before rare ones, better ones before worse: a server that follows the client's
 * order then shows its best first, and where the budget ends, what is left is what hardly anybody
 * has.
 */
void tc_survey_list_candidates(struct tc_survey *survey)
{
    size_t num_suites = 0;
    const struct tc_suite *suites = tc_suites(&num_suites);
    for (int rare = 0; rare <= 1; rare++) {
        for (int quality = TC_QUALITY_RECOMMENDED; quality <= TC_QUALITY_INSECURE; quality++) {
            for (size_t i = 0; i < num_suites; i++) {
                const struct tc_suite *suite = &suites[i];
                if (is_askable(suite) && (int)suite->quality == quality &&
                    suite->is_common == (rare == 0) && survey->num_candidates < TC_MAX_CANDIDATES) {
                    survey->candidates[survey->num_candidates] = suite;
                    survey->num_candidates++;
                }
            }
        }
        if (rare == 0) {
            survey->num_common = survey->num_candidates;
        }
    }
}

/*
 * Below TLS 1.3 curves alone: who sees a group of RFC 7919 on offer may take it in place of its own
 * parameters, which are to be seen. A hello of its own asks for those (survey_habits.c).
 */
static bool is_listed(const struct tc_group *group, bool for_tls13)
{
    return for_tls13 ? group->is_tls13 : group->is_tls12 && group->kind != TC_GROUP_FFDHE;
}

static void list_groups(struct tc_group_state *out, bool for_tls13)
{
    size_t num_groups = 0;
    const struct tc_group *groups = tc_groups(&num_groups);
    for (int rare = 0; rare <= 1; rare++) {
        for (size_t i = 0; i < num_groups && out->num_known < TC_MAX_GROUPS; i++) {
            const struct tc_group *group = &groups[i];
            if (is_listed(group, for_tls13) && group->is_common == (rare == 0)) {
                out->left |= UINT64_C(1) << out->num_known;
                out->known[out->num_known] = group;
                out->num_known++;
            }
        }
    }
}

void tc_survey_list_groups(struct tc_survey *survey)
{
    list_groups(&survey->groups13, true);
    list_groups(&survey->groups12, false);
}

/* Protocol names that a service of this kind may know. `acme-tls/1` is never offered (RFC 8737). */
static const char *const *alpn_of(enum tc_protocol protocol, size_t *out_num)
{
    static const char *const web[] = {"h2",     "http/1.1", "http/1.0", "h2c",
                                      "spdy/3", "spdy/2",   "spdy/1"};
    static const char *const imap[] = {"imap"};
    static const char *const pop3[] = {"pop3"};
    static const char *const ftp[] = {"ftp"};
    static const char *const nntp[] = {"nntp"};
    static const char *const sieve[] = {"managesieve"};
    static const char *const xmpp_client[] = {"xmpp-client"};
    static const char *const xmpp_server[] = {"xmpp-server"};
    static const char *const postgres[] = {"postgresql"};
#define NAMES(array) (*out_num = TC_ARRAY_LEN(array), (array))
    switch (protocol) {
    case TC_PROTOCOL_HTTPS:
    case TC_PROTOCOL_TLS:
        return NAMES(web);
    case TC_PROTOCOL_IMAP:
    case TC_PROTOCOL_IMAPS:
        return NAMES(imap);
    case TC_PROTOCOL_POP3:
    case TC_PROTOCOL_POP3S:
        return NAMES(pop3);
    case TC_PROTOCOL_FTP:
    case TC_PROTOCOL_FTPS:
        return NAMES(ftp);
    case TC_PROTOCOL_NNTP:
    case TC_PROTOCOL_NNTPS:
        return NAMES(nntp);
    case TC_PROTOCOL_SIEVE:
        return NAMES(sieve);
    case TC_PROTOCOL_XMPP_CLIENT:
        return NAMES(xmpp_client);
    case TC_PROTOCOL_XMPP_SERVER:
        return NAMES(xmpp_server);
    case TC_PROTOCOL_POSTGRES:
        return NAMES(postgres);
    case TC_PROTOCOL_SMTP:
    case TC_PROTOCOL_SMTPS:
    case TC_PROTOCOL_LMTP:
    case TC_PROTOCOL_LDAP:
    case TC_PROTOCOL_LDAPS:
    case TC_PROTOCOL_MYSQL:
    case TC_PROTOCOL_RDP:
    case TC_PROTOCOL_COUNT:
    default:
        *out_num = 0; /* none is registered for it */
        return NULL;
    }
#undef NAMES
}

void tc_survey_list_alpn(struct tc_survey *survey)
{
    size_t num = 0;
    const char *const *names = alpn_of(survey->options.protocol, &num);
    for (size_t i = 0; i < num && i < TC_MAX_ALPN_ASKED; i++) {
        survey->alpn[i] = names[i];
        survey->alpn_known[i] = TC_UNKNOWN;
    }
    survey->num_alpn = num;
}

uint32_t tc_survey_alpn_code(const char *name)
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

size_t tc_survey_place(const struct tc_survey *survey, uint32_t suite)
{
    for (size_t i = 0; i < survey->num_candidates; i++) {
        if (survey->candidates[i]->code == suite) {
            return i;
        }
    }
    return TC_MAX_CANDIDATES;
}

size_t tc_groups_place(const struct tc_group_state *groups, uint16_t group)
{
    for (size_t i = 0; i < groups->num_known; i++) {
        if (groups->known[i]->code == group) {
            return i;
        }
    }
    return TC_MAX_GROUPS;
}

uint64_t tc_survey_asked_groups(const struct tc_survey *survey, const struct tc_group_state *groups)
{
    uint64_t asked = 0;
    for (size_t i = 0; i < groups->num_known; i++) {
        if (survey->options.depth == TC_SURVEY_DEEP || groups->known[i]->is_common) {
            asked |= UINT64_C(1) << i;
        }
    }
    return asked;
}

size_t tc_groups_add_codes(const struct tc_group_state *groups, uint64_t places,
                           uint16_t out[TC_MAX_GROUPS], size_t num)
{
    for (size_t i = 0; i < groups->num_known; i++) {
        if ((places >> i & 1) != 0) {
            out[num] = groups->known[i]->code;
            num++;
        }
    }
    return num;
}

static void know_group(struct tc_group_state *groups, uint16_t group)
{
    size_t place = tc_groups_place(groups, group);
    if (place < TC_MAX_GROUPS) {
        groups->yes |= UINT64_C(1) << place;
    }
}

/* It offered TLS 1.0 to 1.3, and a server takes the highest that it knows (RFC 8446 section 4.1.3).
 */
static void read_version(struct tc_survey *survey, const struct tc_handshake_facts *own)
{
    enum tc_level_index index = tc_level_of(own->version);
    if (index == TC_LEVEL_COUNT) {
        return;
    }
    survey->levels[index].supported.value = TC_YES;
    for (size_t i = (size_t)index + 1; i < TC_LEVEL_COUNT; i++) {
        survey->levels[i].supported.value = TC_NO;
        survey->levels[i].is_decided = true;
    }
    size_t place = tc_survey_place(survey, own->suite);
    if (place < TC_MAX_CANDIDATES) {
        tc_bits_set(&survey->levels[index].yes, place);
    }
    know_group(own->version == TC_TLS1_3 ? &survey->groups13 : &survey->groups12, own->group);
}

static void read_alpn(struct tc_survey *survey, const struct tc_handshake_facts *own)
{
    for (size_t i = 0; i < survey->num_alpn; i++) {
        if (strcmp(own->alpn, survey->alpn[i]) == 0) {
            survey->alpn_known[i] = TC_YES;
        }
    }
}

void tc_survey_read_own_handshake(struct tc_survey *survey)
{
    const struct tc_handshake_facts *own = &survey->options.handshake;
    if (own->version == 0) {
        return;
    }
    read_version(survey, own);
    read_alpn(survey, own);
    if (own->leaf_key != TC_LEAF_NONE) {
        memcpy(survey->leaves[own->leaf_key], own->leaf_sha256, sizeof own->leaf_sha256);
    }
    if (!own->is_done) {
        return;
    }
    tc_survey_trait(survey, TC_TRAIT_EXTENDED_MASTER_SECRET, own->extended_master_secret);
    tc_survey_trait(survey, TC_TRAIT_SECURE_RENEGOTIATION, own->secure_renegotiation);
    tc_survey_trait(survey, TC_TRAIT_CLIENT_CERTIFICATE_REQUEST, own->client_certificate_request);
    if (own->ticket_seen || own->tickets_awaited) {
        struct tc_fact *ticket = &survey->traits[TC_TRAIT_SESSION_TICKET];
        tc_survey_know(survey, ticket, own->ticket_seen ? TC_YES : TC_NO);
        ticket->number = own->ticket_seen ? (int64_t)own->ticket_lifetime_s : TC_FEATURE_NO_VALUE;
    }
    if (own->ticket_seen && own->version == TC_TLS1_3 && own->max_early_data_bytes == 0) {
        tc_survey_trait(survey, TC_TRAIT_EARLY_DATA, TC_NO); /* RFC 8446 section 4.2.10 */
    }
}
