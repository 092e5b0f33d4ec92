/*
 * What rides along in a loop's hellos, and what accepted answers tell beside their suite:
 * extensions that the server acknowledges, groups, protocol names, Diffie-Hellman parameters,
 * certificates. None of it costs a connection.
 */
#include <stdio.h>
#include <string.h>

#include "protocol/survey_internal.h"

/* RFC 8449 section 4: the largest that TLS 1.2 knows. */
static const uint8_t k_record_size_limit[] = {0x40, 0x00};
/* RFC 6520 section 2: peer_allowed_to_send. */
static const uint8_t k_heartbeat[] = {1};

static bool alpn_is_open(const struct tc_survey *survey)
{
    return survey->num_alpn > 0 && survey->alpn_complete.value != TC_YES && !survey->alpn_given_up;
}

static size_t undecided_alpn(const struct tc_survey *survey, const char *out[TC_MAX_ALPN_ASKED])
{
    size_t num = 0;
    for (size_t i = 0; i < survey->num_alpn; i++) {
        if (survey->alpn_known[i] == TC_UNKNOWN) {
            out[num] = survey->alpn[i];
            num++;
        }
    }
    return num;
}

bool tc_survey_offers_alpn(const struct tc_survey *survey)
{
    const char *names[TC_MAX_ALPN_ASKED];
    return alpn_is_open(survey) && undecided_alpn(survey, names) > 0;
}

void tc_survey_add_alpn(const struct tc_survey *survey, struct tc_hello *hello)
{
    const char *names[TC_MAX_ALPN_ASKED];
    size_t num_names = undecided_alpn(survey, names);
    tc_hello_add_alpn(hello, names, num_names);
}

void tc_survey_add_riders(struct tc_survey *survey, struct tc_hello *hello)
{
    tc_hello_add_status_request(hello);
    tc_hello_add_extension(hello, TC_EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    tc_hello_add_extension(hello, TC_EXTENSION_ENCRYPT_THEN_MAC, NULL, 0);
    tc_hello_add_extension(hello, TC_EXTENSION_SESSION_TICKET, NULL, 0);
    tc_hello_add_extension(hello, TC_EXTENSION_SCT, NULL, 0);
    tc_hello_add_extension(hello, TC_EXTENSION_HEARTBEAT, k_heartbeat, sizeof k_heartbeat);
    tc_hello_add_extension(hello, TC_EXTENSION_RECORD_SIZE_LIMIT, k_record_size_limit,
                           sizeof k_record_size_limit);
    tc_hello_add_extension(hello, TC_EXTENSION_NPN, NULL, 0);
    if (tc_survey_offers_alpn(survey)) {
        tc_survey_add_alpn(survey, hello);
    }
}

/*
 * The undecided groups before the known ones: a server that follows the client's order shows a new
 * group each time, and none is lost where it has no other.
 */
size_t tc_survey_riding_groups(const struct tc_survey *survey, uint16_t out[TC_MAX_GROUPS])
{
    const struct tc_group_state *state = &survey->groups12;
    size_t num = 0;
    for (int known = 0; known <= 1; known++) {
        for (size_t i = 0; i < state->num_known; i++) {
            bool is_yes = (state->yes >> i & 1) != 0;
            if (state->known[i]->is_common && is_yes == (known == 1)) {
                out[num] = state->known[i]->code;
                num++;
            }
        }
    }
    return num;
}

static void read_ack(struct tc_survey *survey, const struct tc_flight *flight, uint16_t extension,
                     enum tc_trait trait)
{
    bool is_there = tc_flight_has_extension(flight, extension);
    if (is_there || survey->traits[trait].value == TC_UNKNOWN) {
        tc_survey_trait(survey, trait, is_there ? TC_YES : TC_NO);
    }
}

/* RFC 7366 section 3: only a CBC suite is acknowledged, so others tell nothing. */
static void read_encrypt_then_mac(struct tc_survey *survey, const struct tc_flight *flight)
{
    const struct tc_suite *suite = tc_suite_find(flight->suite);
    if (suite != NULL && suite->mode == TC_MODE_CBC) {
        read_ack(survey, flight, TC_EXTENSION_ENCRYPT_THEN_MAC, TC_TRAIT_ENCRYPT_THEN_MAC);
    }
}

static void read_record_size_limit(struct tc_survey *survey, const struct tc_flight *flight)
{
    read_ack(survey, flight, TC_EXTENSION_RECORD_SIZE_LIMIT, TC_TRAIT_RECORD_SIZE_LIMIT);
    if (flight->record_size_limit != 0) {
        survey->traits[TC_TRAIT_RECORD_SIZE_LIMIT].number = flight->record_size_limit;
    }
}

/* The place of a name that was on offer; num_alpn where it was not. */
static size_t offered_alpn(const struct tc_survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->num_alpn && alpn_is_open(survey); i++) {
        if (survey->alpn_known[i] == TC_UNKNOWN && strcmp(survey->alpn[i], name) == 0) {
            return i;
        }
    }
    return survey->num_alpn;
}

bool tc_survey_read_alpn(struct tc_survey *survey, const struct tc_flight *flight)
{
    size_t place = offered_alpn(survey, flight->alpn);
    if (flight->alpn[0] != '\0' && place == survey->num_alpn) {
        survey->alpn_given_up = true; /* it would be told for ever */
        tc_survey_inconsistent(survey, "a protocol name was chosen that was not offered");
        return false;
    }
    if (!alpn_is_open(survey)) {
        return false;
    }
    if (flight->alpn[0] == '\0') {           /* RFC 7301 section 3.2: none of those offered */
        if (tc_survey_offers_alpn(survey)) { /* names that it does not have, and it went on */
            tc_survey_trait(survey, TC_TRAIT_ALPN_STRICT, TC_NO);
        }
        tc_survey_know(survey, &survey->alpn_complete, TC_YES);
        return false;
    }
    survey->alpn_known[place] = TC_YES;
    if (!tc_survey_offers_alpn(survey)) {
        tc_survey_know(survey, &survey->alpn_complete, TC_YES);
    }
    return true;
}

static void read_acknowledged(struct tc_survey *survey, const struct tc_flight *flight)
{
    read_ack(survey, flight, TC_EXTENSION_STATUS_REQUEST, TC_TRAIT_STATUS_REQUEST);
    read_ack(survey, flight, TC_EXTENSION_EXTENDED_MASTER_SECRET, TC_TRAIT_EXTENDED_MASTER_SECRET);
    read_ack(survey, flight, TC_EXTENSION_SCT, TC_TRAIT_SCT_EXTENSION);
    read_ack(survey, flight, TC_EXTENSION_HEARTBEAT, TC_TRAIT_HEARTBEAT);
    read_ack(survey, flight, TC_EXTENSION_NPN, TC_TRAIT_NPN);
    read_encrypt_then_mac(survey, flight);
    read_record_size_limit(survey, flight);
    (void)tc_survey_read_alpn(survey, flight);
    /*
     * An acknowledged ticket says that tickets are there, their absence only that none is now: not
     * what comes of TLS 1.3, where the wait for tickets ended before it was told.
     */
    const struct tc_handshake_facts *own = &survey->options.handshake;
    bool is_open = own->is_done && own->version == TC_TLS1_3 && !own->tickets_awaited;
    if (tc_flight_has_extension(flight, TC_EXTENSION_SESSION_TICKET)) {
        tc_survey_trait(survey, TC_TRAIT_SESSION_TICKET, TC_YES);
    } else if (survey->traits[TC_TRAIT_SESSION_TICKET].value == TC_UNKNOWN && !is_open) {
        tc_survey_trait(survey, TC_TRAIT_SESSION_TICKET, TC_NO);
    }
}

static void read_group(struct tc_survey *survey, const struct tc_flight *flight, bool has_riders)
{
    struct tc_group_state *state = &survey->groups12;
    size_t place = tc_groups_place(state, flight->group);
    if (flight->exchange != TC_EXCHANGE_ECDHE || place == TC_MAX_GROUPS) {
        return;
    }
    if (has_riders && state->choices.num == 0) {
        state->choices.chosen[0] = (uint16_t)place;
        state->choices.num = 1;
    } else if (has_riders && state->choices.chosen[0] != place) {
        /* Its first choice was on offer again, behind this one: it follows our order. */
        tc_survey_know(survey, &state->order, TC_NO);
    } else if (has_riders && state->left != 0) {
        state->passes_over = true;
    }
    tc_survey_take_group(survey, state, place);
    state->left &= ~(UINT64_C(1) << place);
}

static bool is_zero(const uint8_t hash[32])
{
    static const uint8_t zeros[32];
    return memcmp(hash, zeros, sizeof zeros) == 0;
}

bool tc_survey_has_leaf(const struct tc_survey *survey, enum tc_leaf_key key)
{
    return !is_zero(survey->leaves[key]);
}

void tc_survey_read_dh(struct tc_survey *survey, const struct tc_flight *flight,
                       enum tc_dh_offer offer)
{
    struct tc_fact *fact = &survey->dh[offer];
    const struct tc_known_prime *known = tc_known_prime_find(flight->dh_p_sha256);
    tc_survey_know(survey, fact, TC_YES);
    fact->number = flight->dh_bits;
    if (known != NULL) {
        (void)snprintf(survey->dh_text[offer], sizeof survey->dh_text[offer], "%s", known->name);
    } else {
        for (size_t i = 0; i < sizeof flight->dh_p_sha256; i++) {
            (void)snprintf(survey->dh_text[offer] + 2 * i, 3, "%02x", flight->dh_p_sha256[i]);
        }
    }
    fact->text = survey->dh_text[offer];
}

/* Two answers with one p: was Y made anew? (The condition of CVE-2020-1968.) */
static void compare_dh_keys(struct tc_survey *survey, const struct tc_flight *flight)
{
    if (!is_zero(survey->dh_y_sha256) &&
        memcmp(survey->dh_p_sha256, flight->dh_p_sha256, sizeof survey->dh_p_sha256) == 0) {
        bool is_reused =
            memcmp(survey->dh_y_sha256, flight->dh_y_sha256, sizeof survey->dh_y_sha256) == 0;
        if (is_reused || survey->traits[TC_TRAIT_DH_KEY_REUSE].value != TC_YES) {
            tc_survey_trait(survey, TC_TRAIT_DH_KEY_REUSE, is_reused ? TC_YES : TC_NO);
        }
    }
    memcpy(survey->dh_p_sha256, flight->dh_p_sha256, sizeof survey->dh_p_sha256);
    memcpy(survey->dh_y_sha256, flight->dh_y_sha256, sizeof survey->dh_y_sha256);
}

static void read_exchange(struct tc_survey *survey, const struct tc_flight *flight, bool has_riders)
{
    const struct tc_suite *suite = tc_suite_find(flight->suite);
    read_group(survey, flight, has_riders);
    if (flight->exchange == TC_EXCHANGE_DHE && suite != NULL) {
        tc_survey_read_dh(survey, flight, suite->is_export ? TC_DH_EXPORT : TC_DH_CONFIGURED);
        compare_dh_keys(survey, flight);
    }
    if (flight->signature_scheme != 0 && survey->num_schemes < TC_ARRAY_LEN(survey->schemes)) {
        for (size_t i = 0; i < survey->num_schemes; i++) {
            if (survey->schemes[i] == flight->signature_scheme) {
                return;
            }
        }
        survey->schemes[survey->num_schemes] = flight->signature_scheme;
        survey->num_schemes++;
    }
}

/*
 * RFC 8446 section 4.1.3: a server that speaks more than it was offered says so in its random. It
 * is looked for where the server is known to speak something newer.
 */
static void read_sentinel(struct tc_survey *survey, const struct tc_flight *flight,
                          enum tc_level_index index)
{
    unsigned wanted = index == TC_LEVEL_TLS1_2 ? 2 : 1;
    bool speaks_newer = survey->levels[TC_LEVEL_TLS1_3].supported.value == TC_YES;
    if (speaks_newer && index >= TC_LEVEL_TLS1 && index <= TC_LEVEL_TLS1_2) {
        bool is_there = tc_flight_sentinel(flight) == wanted;
        tc_survey_know(survey, &survey->levels[index].sentinel, is_there ? TC_YES : TC_NO);
    }
}

static void read_request(struct tc_survey *survey, const struct tc_flight *flight)
{
    if (flight->state != TC_FLIGHT_HELLO_DONE || flight->num_certificates == 0) {
        return; /* one that is anonymous itself must not ask (RFC 5246 section 7.4.4) */
    }
    if (flight->has_certificate_request) {
        tc_survey_trait(survey, TC_TRAIT_CLIENT_CERTIFICATE_REQUEST, TC_YES);
    } else if (survey->traits[TC_TRAIT_CLIENT_CERTIFICATE_REQUEST].value == TC_UNKNOWN) {
        tc_survey_trait(survey, TC_TRAIT_CLIENT_CERTIFICATE_REQUEST, TC_NO);
    }
}

/* A hello without a ticket extension: does its session get an id? (RFC 5246 section 7.4.1.3) */
void tc_survey_read_session_id(struct tc_survey *survey, const struct tc_flight *flight)
{
    survey->gives_session_ids = flight->session_id_len > 0 ? TC_YES : TC_NO;
}

void tc_survey_read_compression(struct tc_survey *survey, const struct tc_flight *flight)
{
    tc_survey_trait(survey, TC_TRAIT_COMPRESSION, flight->compression != 0 ? TC_YES : TC_NO);
    tc_survey_read_session_id(survey, flight);
}

enum tc_leaf_key tc_survey_suite_key(const struct tc_suite *suite)
{
    if (suite->kx == TC_KX_ECDH) {
        return TC_LEAF_ECDSA; /* the key is on a curve, whatever signed the certificate */
    }
    if (suite->kx == TC_KX_DH) {
        return TC_LEAF_NONE;
    }
    return suite->auth == TC_AUTH_ECDSA ? TC_LEAF_ECDSA
           : suite->auth == TC_AUTH_RSA ? TC_LEAF_RSA
                                        : TC_LEAF_NONE;
}

enum tc_leaf_key tc_survey_leaf_key(const struct tc_flight *flight)
{
    const struct tc_suite *suite = tc_suite_find(flight->suite);
    return suite == NULL || flight->num_certificates == 0 ? TC_LEAF_NONE
                                                          : tc_survey_suite_key(suite);
}

/*
 * SSL 3.0 has no server name, so that its certificate is the one for nobody, and counts for the
 * server's own name where there is nothing newer.
 */
static bool is_for_nobody(const struct tc_survey *survey, enum tc_level_index index)
{
    bool has_newer = false;
    for (size_t i = TC_LEVEL_TLS1; i <= TC_LEVEL_TLS1_3; i++) {
        has_newer = has_newer || survey->levels[i].supported.value != TC_NO;
    }
    return index == TC_LEVEL_SSL3 && has_newer && survey->options.server_name != NULL;
}

/* A leaf of a key type that was not seen before is a second certificate, or the first at all. */
static enum tc_survey_chain read_leaf(struct tc_survey *survey, const struct tc_flight *flight,
                                      enum tc_level_index index)
{
    uint8_t leaf[32];
    enum tc_leaf_key key = tc_survey_leaf_key(flight);
    if (key == TC_LEAF_NONE || is_for_nobody(survey, index) ||
        !tc_flight_leaf_sha256(flight, leaf) || tc_survey_has_leaf(survey, key)) {
        return TC_SURVEY_CHAIN_NONE;
    }
    bool is_first =
        !tc_survey_has_leaf(survey, TC_LEAF_RSA) && !tc_survey_has_leaf(survey, TC_LEAF_ECDSA);
    memcpy(survey->leaves[key], leaf, sizeof leaf);
    return is_first ? TC_SURVEY_CHAIN_OWN : TC_SURVEY_CHAIN_OTHER_KEY;
}

enum tc_survey_chain tc_survey_read_flight(struct tc_survey *survey, const struct tc_flight *flight,
                                           bool has_riders)
{
    enum tc_level_index index = tc_level_of(flight->version);
    if (index !=
        TC_LEVEL_SSL3) { /* RFC 5746 section 3.4 speaks of all versions; SSL 3.0 rarely does */
        read_ack(survey, flight, TC_EXTENSION_RENEGOTIATION_INFO, TC_TRAIT_SECURE_RENEGOTIATION);
    }
    if (has_riders && index != TC_LEVEL_SSL3) { /* which knows no extensions */
        read_acknowledged(survey, flight);
    }
    read_exchange(survey, flight, has_riders);
    read_sentinel(survey, flight, index);
    read_request(survey, flight);
    return read_leaf(survey, flight, index);
}
