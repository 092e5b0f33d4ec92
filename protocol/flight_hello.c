#include <string.h>

#include "flight_internal.h"
#include "tlscensus/hello.h"

#define SESSION_ID_MAX        32U
#define COMPRESSION_MAX       1 /* null and DEFLATE (RFC 3749) */
#define EXTENSION_COOKIE      44
#define EXTENSION_STATUS_V2   17
#define RECORD_SIZE_LIMIT_MIN 64U    /* RFC 8449 section 4 */
#define RECORD_SIZE_LIMIT_MAX 16385U /* 2^14 and the byte of the inner type */

/* RFC 8446 section 4.1.3: the random of a ServerHello that is a HelloRetryRequest. */
static const uint8_t k_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

static bool is_retry(const struct tc_flight *flight)
{
    return memcmp(flight->random, k_retry_random, sizeof k_retry_random) == 0;
}

static bool read_empty(struct tc_flight *flight, CBS body)
{
    (void)flight;
    return CBS_len(&body) == 0;
}

/* RFC 5746 section 3.4: in a first handshake there is no connection to bind to. */
static bool read_renegotiation_info(struct tc_flight *flight, CBS body)
{
    static const uint8_t k_none[] = {0};
    (void)flight;
    return CBS_mem_equal(&body, k_none, sizeof k_none);
}

/* RFC 7301 section 3.1: a list of one name. */
static bool read_alpn(struct tc_flight *flight, CBS body)
{
    CBS list;
    CBS name;
    if (!CBS_get_u16_length_prefixed(&body, &list) || CBS_len(&body) > 0 ||
        !CBS_get_u8_length_prefixed(&list, &name) || CBS_len(&list) > 0 || CBS_len(&name) == 0 ||
        CBS_len(&name) >= sizeof flight->alpn || CBS_contains_zero_byte(&name)) {
        return false;
    }
    memcpy(flight->alpn, CBS_data(&name), CBS_len(&name));
    flight->alpn[CBS_len(&name)] = '\0';
    return true;
}

static bool read_record_size_limit(struct tc_flight *flight, CBS body)
{
    uint16_t limit = 0;
    if (!CBS_get_u16(&body, &limit) || CBS_len(&body) > 0 || limit < RECORD_SIZE_LIMIT_MIN ||
        limit > RECORD_SIZE_LIMIT_MAX) {
        return false;
    }
    flight->record_size_limit = limit;
    return true;
}

/* RFC 8446 section 4.2.8: a share in ServerHello, the group alone in HelloRetryRequest. */
static bool read_key_share(struct tc_flight *flight, CBS body)
{
    CBS key;
    if (flight->version != VERSION_TLS13 || !CBS_get_u16(&body, &flight->group) ||
        flight->group == 0) {
        return false;
    }
    if (!is_retry(flight) && (!CBS_get_u16_length_prefixed(&body, &key) || CBS_len(&key) == 0)) {
        return false;
    }
    return CBS_len(&body) == 0;
}

static bool read_cookie(struct tc_flight *flight, CBS body)
{
    CBS cookie;
    return is_retry(flight) && CBS_get_u16_length_prefixed(&body, &cookie) &&
           CBS_len(&cookie) > 0 && CBS_len(&body) == 0;
}

/* Extensions whose body is looked at; the others are facts by being there. */
static const struct extension_rule {
    uint16_t type;
    bool (*read)(struct tc_flight *flight, CBS body);
    const char *problem;
} k_rules[] = {
    {TC_EXTENSION_SERVER_NAME, read_empty, "a server_name that is not empty"},
    {TC_EXTENSION_STATUS_REQUEST, read_empty, "a status_request that is not empty"},
    {TC_EXTENSION_ALPN, read_alpn, "a malformed ALPN extension"},
    {EXTENSION_STATUS_V2, read_empty, "a status_request_v2 that is not empty"},
    {TC_EXTENSION_ENCRYPT_THEN_MAC, read_empty, "an encrypt_then_mac that is not empty"},
    {TC_EXTENSION_EXTENDED_MASTER_SECRET, read_empty,
     "an extended_master_secret that is not empty"},
    {TC_EXTENSION_RECORD_SIZE_LIMIT, read_record_size_limit, "a malformed record_size_limit"},
    {TC_EXTENSION_SESSION_TICKET, read_empty, "a session_ticket that is not empty"},
    {EXTENSION_COOKIE, read_cookie, "a malformed cookie"},
    {TC_EXTENSION_KEY_SHARE, read_key_share, "a malformed key_share"},
    {TC_EXTENSION_RENEGOTIATION_INFO, read_renegotiation_info, "a malformed renegotiation_info"},
};

static const struct extension_rule *find_rule(uint16_t type)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_rules); i++) {
        if (k_rules[i].type == type) {
            return &k_rules[i];
        }
    }
    return NULL;
}

/* The fields before the extensions; `*body` is left at their block. */
static bool read_fields(struct tc_flight *flight, CBS *body)
{
    CBS session_id;
    uint16_t suite = 0;
    if (!CBS_get_u16(body, &flight->legacy_version) ||
        !CBS_copy_bytes(body, flight->random, sizeof flight->random) ||
        !CBS_get_u8_length_prefixed(body, &session_id) || !CBS_get_u16(body, &suite) ||
        !CBS_get_u8(body, &flight->compression)) {
        return flight_malformed(flight, "a cut ServerHello");
    }
    if (CBS_len(&session_id) > SESSION_ID_MAX) {
        return flight_malformed(flight, "a session id of more than 32 bytes");
    }
    if (flight->compression > COMPRESSION_MAX) {
        return flight_malformed(flight, "a compression method that was not offered");
    }
    if (flight->legacy_version < VERSION_SSL3 || flight->legacy_version > VERSION_TLS12) {
        /* TLS 1.3 is agreed on by supported_versions alone (RFC 8446 section 4.2.1). */
        return flight_malformed(flight, "a version that no ServerHello can have");
    }
    flight->session_id_len = (uint8_t)CBS_len(&session_id);
    flight->suite = suite;
    return true;
}

/* Notes the types and shows the bodies, in the server's order. */
static bool list_extensions(struct tc_flight *flight, CBS *bodies, CBS block)
{
    CBS list;
    if (CBS_len(&block) == 0) { /* a server may leave the block out (RFC 5246 section 7.4.1.3) */
        return true;
    }
    if (!CBS_get_u16_length_prefixed(&block, &list) || CBS_len(&block) > 0) {
        return flight_malformed(flight, "extensions that do not end with ServerHello");
    }
    while (CBS_len(&list) > 0) {
        uint16_t type = 0;
        CBS body;
        if (!CBS_get_u16(&list, &type) || !CBS_get_u16_length_prefixed(&list, &body)) {
            return flight_malformed(flight, "a cut extension");
        }
        if (tc_flight_has_extension(flight, type)) {
            return flight_malformed(flight, "an extension that is there twice");
        }
        if (flight->num_extensions >= TC_FLIGHT_MAX_EXTENSIONS) {
            return flight_malformed(flight, "too many extensions");
        }
        bodies[flight->num_extensions] = body;
        flight->extensions[flight->num_extensions++] = type;
    }
    return true;
}

/* RFC 8446 sections 4.1.3 and 4.2.1. */
static bool read_version(struct tc_flight *flight, const CBS *bodies)
{
    flight->version = flight->legacy_version;
    for (size_t i = 0; i < flight->num_extensions; i++) {
        if (flight->extensions[i] == TC_EXTENSION_SUPPORTED_VERSIONS) {
            CBS body = bodies[i];
            if (!CBS_get_u16(&body, &flight->version) || CBS_len(&body) > 0 ||
                flight->version != VERSION_TLS13 || flight->legacy_version != VERSION_TLS12) {
                return flight_malformed(flight, "a malformed supported_versions");
            }
        }
    }
    if (flight->version == VERSION_TLS13 && flight->compression != 0) {
        return flight_malformed(flight, "compression in TLS 1.3");
    }
    return true;
}

static bool read_extensions(struct tc_flight *flight, const CBS *bodies)
{
    for (size_t i = 0; i < flight->num_extensions; i++) {
        const struct extension_rule *rule = find_rule(flight->extensions[i]);
        if (rule != NULL && !rule->read(flight, bodies[i])) {
            return flight_malformed(flight, rule->problem);
        }
    }
    return true;
}

bool flight_read_hello(struct tc_flight *flight, CBS body)
{
    CBS bodies[TC_FLIGHT_MAX_EXTENSIONS] = {0};
    if (!read_fields(flight, &body) || !list_extensions(flight, bodies, body) ||
        !read_version(flight, bodies) || !read_extensions(flight, bodies)) {
        return false;
    }
    if (is_retry(flight)) {
        if (flight->version != VERSION_TLS13) {
            return flight_malformed(flight, "a HelloRetryRequest outside TLS 1.3");
        }
        if (flight->group == 0 && !tc_flight_has_extension(flight, EXTENSION_COOKIE)) {
            return flight_malformed(flight, "a HelloRetryRequest that changes nothing");
        }
        flight->has_hello = true;
        return flight_settle(flight, TC_FLIGHT_HELLO_RETRY);
    }
    if (flight->version == VERSION_TLS13 && flight->group == 0) {
        return flight_malformed(flight, "a ServerHello of TLS 1.3 without key_share");
    }
    flight->has_hello = true;
    return flight->version < VERSION_TLS13 || flight_settle(flight, TC_FLIGHT_SERVER_HELLO);
}

bool tc_flight_has_extension(const struct tc_flight *flight, uint16_t type)
{
    for (size_t i = 0; i < flight->num_extensions; i++) {
        if (flight->extensions[i] == type) {
            return true;
        }
    }
    return false;
}

unsigned tc_flight_sentinel(const struct tc_flight *flight)
{
    static const uint8_t k_prefix[] = {'D', 'O', 'W', 'N', 'G', 'R', 'D'};
    const uint8_t *end = flight->random + sizeof flight->random - 8;
    if (memcmp(end, k_prefix, sizeof k_prefix) != 0 || end[7] > 1) {
        return 0;
    }
    return end[7] == 1 ? 2 : 1;
}
