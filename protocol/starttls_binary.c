/* The protocols that ask with one small message: PostgreSQL, MySQL, RDP. */
#include "starttls_way.h"

#include <string.h>

#include <openssl/bytestring.h>

/* ---- PostgreSQL, "Message Formats": SSLRequest ---- */

static void postgres_begin(struct tc_starttls *dialogue)
{
    static const uint8_t request[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};
    dialogue->awaited = "the answer to SSLRequest";
    tc_starttls_say(dialogue, request, sizeof request);
}

/* Octets before the first NUL, or all. */
static size_t text_len(const CBS *text)
{
    const uint8_t *end = memchr(CBS_data(text), 0, CBS_len(text));
    return end != NULL ? (size_t)(end - CBS_data(text)) : CBS_len(text);
}

/*
 * The human-readable part of an ErrorResponse: the field M. Servers before 7.4 send the text alone.
 * As far as it has come: the server may close behind half of it.
 */
static enum way_progress postgres_refuse(struct tc_starttls *dialogue)
{
    char words[TC_STARTTLS_WORDS_MAX];
    CBS message;
    CBS rest;
    uint32_t len = 0;
    CBS_init(&message, dialogue->reply + 1, dialogue->reply_len - 1);
    rest = message;
    if (CBS_get_u32(&rest, &len) && len < 1U << 24) {
        len = len > 4 ? len - 4 : 0;
        CBS_init(&message, CBS_data(&rest), len < CBS_len(&rest) ? len : CBS_len(&rest));
        while (CBS_len(&message) > 0 && CBS_data(&message)[0] != 'M') {
            size_t field_len = text_len(&message);
            (void)CBS_skip(&message, field_len < CBS_len(&message) ? field_len + 1 : field_len);
        }
        (void)CBS_skip(&message, 1);
    }
    tc_starttls_words(words, CBS_data(&message), text_len(&message));
    dialogue->is_closing = true;
    return tc_starttls_refuse(dialogue, "%s is an error: %s", dialogue->awaited, words);
}

/* 'E' and a length that counts itself; or, of old, 'E' and a text with its NUL. */
static bool postgres_error_is_whole(const struct tc_starttls *dialogue)
{
    CBS message;
    uint32_t len = 0;
    CBS_init(&message, dialogue->reply + 1, dialogue->reply_len - 1);
    if (CBS_len(&message) == 0) {
        return false;
    }
    if (CBS_data(&message)[0] != 0) {
        return memchr(CBS_data(&message), 0, CBS_len(&message)) != NULL;
    }
    return CBS_get_u32(&message, &len) && len >= 4 && len - 4 <= CBS_len(&message);
}

static enum way_progress postgres_read(struct tc_starttls *dialogue)
{
    if (dialogue->reply_len == 0) {
        return WAY_WAIT;
    }
    dialogue->reply_at = 1;
    switch (dialogue->reply[0]) {
    case 'S':
        return tc_starttls_agree(dialogue);
    case 'N':
        return tc_starttls_refuse(dialogue, "%s is: N (no TLS)", dialogue->awaited);
    case 'E':
        return postgres_error_is_whole(dialogue) ? postgres_refuse(dialogue) : WAY_WAIT;
    default:
        return tc_starttls_fail_strange(dialogue);
    }
}

static void postgres_end(struct tc_starttls *dialogue)
{
    if (dialogue->reply_len > 1) {
        (void)postgres_refuse(dialogue);
    }
}

const struct tc_starttls_way tc_starttls_way_postgres = {
    .begin = postgres_begin, .read = postgres_read, .end = postgres_end};

/* ---- MySQL, "Connection Phase": SSLRequest in answer to the greeting ---- */

enum {
    MYSQL_HEADER_BYTES = 4, /* length of 24 bits, little-endian, and a sequence number */
    MYSQL_PROTOCOL_9 = 9,   /* before MySQL 3.21, without TLS */
    MYSQL_PROTOCOL_10 = 10,
    MYSQL_ERROR = 0xff,
    MYSQL_CLIENT_SSL = 0x0800,
    MYSQL_SALT_BYTES = 8
};

static void mysql_begin(struct tc_starttls *dialogue)
{
    dialogue->awaited = "the greeting";
}

static bool get_u16_le(CBS *from, uint16_t *out)
{
    uint8_t low = 0;
    uint8_t high = 0;
    if (!CBS_get_u8(from, &low) || !CBS_get_u8(from, &high)) {
        return false;
    }
    *out = (uint16_t)(low | high << 8);
    return true;
}

/* ERR_Packet: the number, mostly no SQL state this early, and the text. */
static enum way_progress mysql_refuse_by_error(struct tc_starttls *dialogue, CBS packet)
{
    char words[TC_STARTTLS_WORDS_MAX];
    uint16_t number = 0;
    if (!get_u16_le(&packet, &number)) {
        return tc_starttls_fail(dialogue, "the greeting is a broken error");
    }
    if (CBS_len(&packet) >= 6 && CBS_data(&packet)[0] == '#') {
        (void)CBS_skip(&packet, 6);
    }
    tc_starttls_words(words, CBS_data(&packet), CBS_len(&packet));
    dialogue->is_closing = true;
    return tc_starttls_refuse(dialogue, "the greeting is error %u: %s", (unsigned)number, words);
}

/* Handshake V10 up to the lower half of its capabilities. */
static bool mysql_capabilities(CBS packet, uint16_t *out)
{
    const uint8_t *end = memchr(CBS_data(&packet), 0, CBS_len(&packet)); /* of the version's text */
    return end != NULL && CBS_skip(&packet, (size_t)(end - CBS_data(&packet)) + 1) &&
           CBS_skip(&packet, 4 + MYSQL_SALT_BYTES + 1) && /* thread id, salt, filler */
           get_u16_le(&packet, out);
}

/* CLIENT_SSL, CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION; 16 MiB; utf8mb4; and nothing. */
static enum way_progress mysql_ask(struct tc_starttls *dialogue)
{
    static const uint8_t request[4 + 32] = {32, 0, 0, 1, 0x00, 0x8a, 0, 0, 0, 0, 0, 1, 45};
    tc_starttls_say(dialogue, request, sizeof request);
    return tc_starttls_agree(dialogue);
}

static enum way_progress mysql_read(struct tc_starttls *dialogue)
{
    CBS all;
    CBS packet;
    uint16_t len = 0;
    uint16_t capabilities = 0;
    uint8_t high = 0;
    uint8_t number = 0;
    uint8_t kind = 0;
    CBS_init(&all, dialogue->reply, dialogue->reply_len);
    if (!get_u16_le(&all, &len) || !CBS_get_u8(&all, &high) || !CBS_get_u8(&all, &number)) {
        return WAY_WAIT;
    }
    if (high != 0 || number != 0 || len == 0 || len > sizeof dialogue->reply - MYSQL_HEADER_BYTES) {
        return tc_starttls_fail_strange(dialogue);
    }
    if (!CBS_get_bytes(&all, &packet, len)) {
        return WAY_WAIT;
    }
    dialogue->reply_at = (size_t)len + MYSQL_HEADER_BYTES;
    (void)CBS_get_u8(&packet, &kind);
    if (kind == MYSQL_ERROR) {
        return mysql_refuse_by_error(dialogue, packet);
    }
    if (kind == MYSQL_PROTOCOL_9) {
        return tc_starttls_refuse(dialogue, "the greeting is of protocol 9, which has no TLS");
    }
    if (kind != MYSQL_PROTOCOL_10) {
        return tc_starttls_fail_strange(dialogue);
    }
    if (!mysql_capabilities(packet, &capabilities)) {
        return tc_starttls_fail(dialogue, "the greeting is cut short");
    }
    if ((capabilities & MYSQL_CLIENT_SSL) == 0) {
        return tc_starttls_refuse(dialogue, "no CLIENT_SSL among the greeting's capabilities");
    }
    return mysql_ask(dialogue);
}

const struct tc_starttls_way tc_starttls_way_mysql = {.begin = mysql_begin, .read = mysql_read};

/* ---- RDP, [MS-RDPBCGR] sections 2.2.1.1 and 2.2.1.2: X.224 in TPKT (RFC 1006) ---- */

enum {
    RDP_TPKT_VERSION = 3,
    RDP_TPKT_BYTES = 4,
    RDP_CONFIRM = 0xd0,   /* X.224 connection confirm */
    RDP_CONFIRM_REST = 5, /* destination, source, class */
    RDP_NEGOTIATION = 2,  /* RDP_NEG_RSP */
    RDP_FAILURE = 3,      /* RDP_NEG_FAILURE */
    RDP_NEGOTIATION_BYTES = 8,
    RDP_TLS = 1 | 2 | 8 /* PROTOCOL_SSL, PROTOCOL_HYBRID, PROTOCOL_HYBRID_EX */
};

/* Asks for TLS or CredSSP, which is inside TLS. */
static void rdp_begin(struct tc_starttls *dialogue)
{
    static const uint8_t request[] = {3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0};
    dialogue->awaited = "the connection confirm";
    tc_starttls_say(dialogue, request, sizeof request);
}

/* [MS-RDPBCGR] section 2.2.1.2.2 */
static const char *rdp_failure_name(uint32_t code)
{
    static const char *const names[] = {
        [1] = "SSL_REQUIRED_BY_SERVER",    [2] = "SSL_NOT_ALLOWED_BY_SERVER",
        [3] = "SSL_CERT_NOT_ON_SERVER",    [4] = "INCONSISTENT_FLAGS",
        [5] = "HYBRID_REQUIRED_BY_SERVER", [6] = "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
    };
    return code < TC_ARRAY_LEN(names) && names[code] != NULL ? names[code] : "an unknown reason";
}

static enum way_progress rdp_judge(struct tc_starttls *dialogue, uint8_t kind, uint32_t value)
{
    if (kind == RDP_FAILURE) {
        return tc_starttls_refuse(dialogue, "%s is a failure: %u (%s)", dialogue->awaited,
                                  (unsigned)value, rdp_failure_name(value));
    }
    if (kind != RDP_NEGOTIATION) {
        return tc_starttls_fail(dialogue, "%s has a negotiation of type %u", dialogue->awaited,
                                (unsigned)kind);
    }
    if ((value & (uint32_t)RDP_TLS) == 0) {
        return tc_starttls_refuse(dialogue, "%s chooses RDP's own security", dialogue->awaited);
    }
    return tc_starttls_agree(dialogue);
}

/* The inside of one TPKT. */
static enum way_progress rdp_read_confirm(struct tc_starttls *dialogue, CBS body)
{
    uint8_t len = 0;
    uint8_t kind = 0;
    uint8_t flags = 0;
    uint16_t rest = 0;
    uint16_t low = 0;
    uint16_t high = 0;
    if (!CBS_get_u8(&body, &len) || len != CBS_len(&body) || !CBS_get_u8(&body, &kind) ||
        kind != RDP_CONFIRM || !CBS_skip(&body, RDP_CONFIRM_REST)) {
        return tc_starttls_fail_strange(dialogue);
    }
    if (CBS_len(&body) == 0) {
        return tc_starttls_refuse(dialogue, "%s is without negotiation: RDP's own security alone",
                                  dialogue->awaited);
    }
    if (!CBS_get_u8(&body, &kind) || !CBS_get_u8(&body, &flags) || !get_u16_le(&body, &rest) ||
        rest != RDP_NEGOTIATION_BYTES || !get_u16_le(&body, &low) || !get_u16_le(&body, &high) ||
        CBS_len(&body) != 0) {
        return tc_starttls_fail(dialogue, "%s has a broken negotiation", dialogue->awaited);
    }
    return rdp_judge(dialogue, kind, (uint32_t)high << 16 | low);
}

static enum way_progress rdp_read(struct tc_starttls *dialogue)
{
    CBS all;
    CBS body;
    uint8_t version = 0;
    uint8_t reserved = 0;
    uint16_t len = 0;
    CBS_init(&all, dialogue->reply, dialogue->reply_len);
    if (CBS_get_u8(&all, &version) && version != RDP_TPKT_VERSION) {
        return tc_starttls_fail_strange(dialogue);
    }
    if (!CBS_get_u8(&all, &reserved) || !CBS_get_u16(&all, &len)) {
        return WAY_WAIT;
    }
    if (len < RDP_TPKT_BYTES) {
        return tc_starttls_fail_strange(dialogue);
    }
    if (!CBS_get_bytes(&all, &body, (size_t)len - RDP_TPKT_BYTES)) {
        return WAY_WAIT;
    }
    dialogue->reply_at = len;
    return rdp_read_confirm(dialogue, body);
}

const struct tc_starttls_way tc_starttls_way_rdp = {.begin = rdp_begin, .read = rdp_read};
