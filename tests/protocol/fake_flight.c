/* A server's answers as bytes. */
#include <stdio.h>
#include <string.h>

#include <openssl/bytestring.h>

#include "fake_server.h"

#define RECORD_ALERT     21
#define RECORD_HANDSHAKE 22

static const uint8_t k_retry_random[32] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

size_t fake_leaf_der(uint8_t out[64], enum fake_leaf leaf, enum fake_name name)
{
    int len = snprintf((char *)out, 64, "leaf of kind %d for name %d", (int)leaf, (int)name);
    return (size_t)len;
}

/* A record with one message; closes both. */
static void put_message(struct fake_reply *out, uint16_t version, uint8_t type, const uint8_t *body,
                        size_t body_len)
{
    uint8_t *at = out->bytes + out->len;
    version = version < TC_TLS1_2 ? version : TC_TLS1_2; /* RFC 8446 section 5.1 */
    const uint8_t header[] = {RECORD_HANDSHAKE,
                              (uint8_t)(version >> 8),
                              (uint8_t)(version & 0xff),
                              (uint8_t)((body_len + 4) >> 8),
                              (uint8_t)((body_len + 4) & 0xff),
                              type,
                              (uint8_t)(body_len >> 16),
                              (uint8_t)(body_len >> 8 & 0xff),
                              (uint8_t)(body_len & 0xff)};
    memcpy(at, header, sizeof header);
    for (size_t i = 0; i < body_len; i++) {
        at[sizeof header + i] = body[i];
    }
    out->len += sizeof header + body_len;
}

static void put_cbb(struct fake_reply *out, uint16_t version, uint8_t type, CBB *body)
{
    (void)CBB_flush(body);
    put_message(out, version, type, CBB_data(body), CBB_len(body));
    CBB_cleanup(body);
}

void fake_alert_write(struct fake_reply *out, uint8_t alert)
{
    const uint8_t bytes[] = {RECORD_ALERT, 3, 1, 0, 2, 2, alert};
    memcpy(out->bytes + out->len, bytes, sizeof bytes);
    out->len += sizeof bytes;
}

/* ---- ServerHello ---- */

static void add_empty(CBB *list, uint16_t type)
{
    (void)CBB_add_u16(list, type);
    (void)CBB_add_u16(list, 0);
}

static void add_body(CBB *list, uint16_t type, const uint8_t *body, size_t body_len)
{
    CBB child;
    (void)CBB_add_u16(list, type);
    (void)CBB_add_u16_length_prefixed(list, &child);
    (void)CBB_add_bytes(&child, body, body_len);
    (void)CBB_flush(list);
}

static void add_extensions13(CBB *list, const struct fake_choice *choice)
{
    static const uint8_t tls13[] = {3, 4};
    uint8_t share[4 + 2048] = {(uint8_t)(choice->group >> 8), (uint8_t)(choice->group & 0xff)};
    const struct tc_group *group = tc_group_find(choice->group);
    size_t key_len = group->server_share_bytes;
    size_t len = 2;
    if (!choice->is_retry) {
        share[2] = (uint8_t)(key_len >> 8);
        share[3] = (uint8_t)(key_len & 0xff);
        len = 4 + key_len;
    }
    add_body(list, TC_EXTENSION_SUPPORTED_VERSIONS, tls13, sizeof tls13);
    add_body(list, TC_EXTENSION_KEY_SHARE, share, len);
}

static bool offers_renegotiation(const struct fake_hello *hello)
{
    return fake_has(hello->suites, hello->num_suites, TC_SCSV_RENEGOTIATION) ||
           fake_hello_has(hello, TC_EXTENSION_RENEGOTIATION_INFO);
}

static bool gives_ticket(const struct fake_policy *policy, const struct fake_hello *hello)
{
    return (policy->acks & FAKE_ACK_TICKET) != 0 &&
           fake_hello_has(hello, TC_EXTENSION_SESSION_TICKET);
}

static void add_acknowledged(CBB *list, const struct fake_policy *policy,
                             const struct fake_hello *hello, const struct fake_choice *choice)
{
    static const struct {
        unsigned ack;
        uint16_t type;
        uint8_t body[2];
        size_t body_len;
    } rows[] = {{FAKE_ACK_EMS, TC_EXTENSION_EXTENDED_MASTER_SECRET, {0}, 0},
                {FAKE_ACK_ETM, TC_EXTENSION_ENCRYPT_THEN_MAC, {0}, 0},
                {FAKE_ACK_SCT, TC_EXTENSION_SCT, {0, 0}, 2},
                {FAKE_ACK_HEARTBEAT, TC_EXTENSION_HEARTBEAT, {1}, 1},
                {FAKE_ACK_RECORD_SIZE, TC_EXTENSION_RECORD_SIZE_LIMIT, {0x20, 0}, 2},
                {FAKE_ACK_NPN, TC_EXTENSION_NPN, {0}, 0},
                {FAKE_ACK_STATUS, TC_EXTENSION_STATUS_REQUEST, {0}, 0}};
    bool is_cbc = tc_suite_find(choice->suite)->mode == TC_MODE_CBC;
    for (size_t i = 0; i < TC_ARRAY_LEN(rows); i++) {
        if ((policy->acks & rows[i].ack) != 0 && fake_hello_has(hello, rows[i].type) &&
            (rows[i].ack != FAKE_ACK_ETM || is_cbc)) {
            add_body(list, rows[i].type, rows[i].body, rows[i].body_len);
        }
    }
    if (gives_ticket(policy, hello)) {
        add_empty(list, TC_EXTENSION_SESSION_TICKET);
    }
}

static void add_extensions12(CBB *list, const struct fake_policy *policy,
                             const struct fake_hello *hello, const struct fake_choice *choice)
{
    static const uint8_t none[] = {0};
    if ((policy->acks & FAKE_ACK_RENEGOTIATION) != 0 && offers_renegotiation(hello)) {
        add_body(list, TC_EXTENSION_RENEGOTIATION_INFO, none, sizeof none);
    }
    add_acknowledged(list, policy, hello, choice);
    if (choice->alpn != NULL) {
        uint8_t body[64] = {0};
        size_t len = strlen(choice->alpn);
        body[1] = (uint8_t)(len + 1);
        body[2] = (uint8_t)len;
        memcpy(body + 3, choice->alpn, len);
        add_body(list, TC_EXTENSION_ALPN, body, 3 + len);
    }
}

static void fill_random(uint8_t out[32], const struct fake_policy *policy,
                        const struct fake_choice *choice, uint64_t *random)
{
    for (size_t i = 0; i < 32; i++) {
        out[i] = (uint8_t)(fake_random(random) & 0x7f);
    }
    bool speaks13 = policy->suites[TC_LEVEL_TLS1_3][0] != 0;
    if (choice->is_retry) {
        memcpy(out, k_retry_random, sizeof k_retry_random);
    } else if (speaks13 && choice->version < TC_TLS1_3 && !policy->hides_sentinel) {
        memcpy(out + 24, choice->version == TC_TLS1_2 ? "DOWNGRD\x01" : "DOWNGRD", 8);
    }
}

static void add_session_id(CBB *body, const struct fake_policy *policy,
                           const struct fake_hello *hello, const struct fake_choice *choice)
{
    CBB id;
    uint8_t made[32] = {7};
    (void)CBB_add_u8_length_prefixed(body, &id);
    if (choice->version == TC_TLS1_3) {
        (void)CBB_add_bytes(&id, hello->session_id, hello->session_id_len);
    } else if (policy->gives_session_ids && !gives_ticket(policy, hello)) {
        (void)CBB_add_bytes(&id, made, sizeof made);
    }
    (void)CBB_flush(body);
}

static void put_hello(struct fake_reply *out, const struct fake_policy *policy,
                      const struct fake_hello *hello, const struct fake_choice *choice,
                      uint64_t *random)
{
    CBB body;
    CBB list;
    uint8_t bytes[32];
    fill_random(bytes, policy, choice, random);
    (void)CBB_init(&body, 256);
    (void)CBB_add_u16(&body, choice->version == TC_TLS1_3 ? TC_TLS1_2 : choice->version);
    (void)CBB_add_bytes(&body, bytes, sizeof bytes);
    add_session_id(&body, policy, hello, choice);
    (void)CBB_add_u16(&body, choice->suite);
    bool compresses = policy->compresses && hello->offers_compression;
    (void)CBB_add_u8(&body, choice->version < TC_TLS1_3 && compresses ? 1 : 0);
    if (choice->version != TC_SSL3) { /* it knows no extensions */
        (void)CBB_add_u16_length_prefixed(&body, &list);
        if (choice->version == TC_TLS1_3) {
            add_extensions13(&list, choice);
        } else {
            add_extensions12(&list, policy, hello, choice);
        }
        (void)CBB_flush(&body);
    }
    put_cbb(out, choice->version, 2, &body);
}

/* ---- what follows below TLS 1.3 ---- */

static void put_certificate(struct fake_reply *out, const struct fake_choice *choice)
{
    CBB body;
    CBB list;
    CBB der;
    uint8_t leaf[64];
    size_t len = fake_leaf_der(leaf, choice->leaf, choice->name);
    (void)CBB_init(&body, 256);
    (void)CBB_add_u24_length_prefixed(&body, &list);
    (void)CBB_add_u24_length_prefixed(&list, &der);
    (void)CBB_add_bytes(&der, leaf, len);
    put_cbb(out, choice->version, 11, &body);
}

static void add_number(CBB *body, const uint8_t *bytes, size_t len)
{
    CBB number;
    (void)CBB_add_u16_length_prefixed(body, &number);
    (void)CBB_add_bytes(&number, bytes, len);
    (void)CBB_flush(body);
}

static void add_dh(CBB *body, const struct fake_policy *policy, const struct fake_hello *hello,
                   const struct fake_choice *choice, uint64_t *random)
{
    static const uint8_t g[] = {2};
    uint8_t p[1024] = {0x80};
    uint8_t y[1024] = {0};
    bool is_export = tc_suite_find(choice->suite)->is_export;
    bool is_named = policy->knows_ffdhe && fake_has(hello->groups, hello->num_groups, 0x0100);
    size_t len = is_export ? 64 : is_named ? 256 : policy->dh_bits / 8;
    p[len - 1] = 1;
    p[1] = is_named && !is_export ? 0xff : 0;
    y[len - 1] = 3;
    for (size_t i = 1; i < 9 && !policy->reuses_dh_key; i++) {
        y[i] = (uint8_t)(fake_random(random) & 0xff);
    }
    add_number(body, p, len);
    add_number(body, g, sizeof g);
    add_number(body, y, len);
}

static void put_exchange(struct fake_reply *out, const struct fake_policy *policy,
                         const struct fake_hello *hello, const struct fake_choice *choice,
                         uint64_t *random)
{
    static const uint8_t signature[] = {1, 2, 3, 4};
    const struct tc_suite *suite = tc_suite_find(choice->suite);
    CBB body;
    CBB point;
    (void)CBB_init(&body, 256);
    if (suite->kx == TC_KX_ECDHE) {
        (void)CBB_add_u8(&body, 3);
        (void)CBB_add_u16(&body, choice->group);
        (void)CBB_add_u8_length_prefixed(&body, &point);
        (void)CBB_add_bytes(&point, signature, sizeof signature);
        (void)CBB_flush(&body);
    } else {
        add_dh(&body, policy, hello, choice, random);
    }
    if (choice->leaf != FAKE_LEAF_NONE) {
        if (choice->version == TC_TLS1_2) {
            (void)CBB_add_u16(&body, choice->scheme);
        }
        add_number(&body, signature, sizeof signature);
    }
    put_cbb(out, choice->version, 12, &body);
}

static void put_request(struct fake_reply *out, const struct fake_choice *choice)
{
    static const uint8_t old[] = {1, 1, 0, 4, 0, 2, 'c', 'a'};
    static const uint8_t tls12[] = {1, 1, 0, 2, 4, 1, 0, 4, 0, 2, 'c', 'a'};
    bool is_tls12 = choice->version == TC_TLS1_2;
    put_message(out, choice->version, 13, is_tls12 ? tls12 : old,
                is_tls12 ? sizeof tls12 : sizeof old);
}

static void put_rest(struct fake_reply *out, const struct fake_policy *policy,
                     const struct fake_hello *hello, const struct fake_choice *choice,
                     uint64_t *random)
{
    static const uint8_t status[] = {1, 0, 0, 1, 9};
    enum tc_kx kx = tc_suite_find(choice->suite)->kx;
    if (choice->leaf != FAKE_LEAF_NONE) {
        put_certificate(out, choice);
        if ((policy->acks & FAKE_ACK_STATUS) != 0 &&
            fake_hello_has(hello, TC_EXTENSION_STATUS_REQUEST) && choice->version != TC_SSL3) {
            put_message(out, choice->version, 22, status, sizeof status);
        }
    }
    if (kx == TC_KX_ECDHE || kx == TC_KX_DHE) {
        put_exchange(out, policy, hello, choice, random);
    }
    if (policy->asks_certificate && choice->leaf != FAKE_LEAF_NONE) {
        put_request(out, choice);
    }
    put_message(out, choice->version, 14, NULL, 0);
}

void fake_flight_write(struct fake_reply *out, const struct fake_policy *policy,
                       const struct fake_hello *hello, const struct fake_choice *choice,
                       uint64_t *random)
{
    static const uint8_t warning[] = {RECORD_ALERT, 3, 1, 0, 2, 1, 112};
    if (policy->sends_warning && choice->version < TC_TLS1_3) {
        memcpy(out->bytes, warning, sizeof warning);
        out->len = sizeof warning;
    }
    put_hello(out, policy, hello, choice, random);
    if (choice->version == TC_TLS1_3) {
        return;
    }
    if (policy->quirks.stops_after_hello) {
        out->end = TC_ANSWER_CLOSED;
    } else {
        put_rest(out, policy, hello, choice, random);
    }
}

static void put_ssl2_hello(struct fake_reply *out, const struct fake_policy *policy)
{
    static const uint8_t connection[16] = {5};
    CBB record;
    uint8_t leaf[64];
    size_t leaf_len = fake_leaf_der(leaf, FAKE_LEAF_RSA, FAKE_SAME_CERTIFICATE);
    size_t num = 0;
    while (policy->ssl2_specs[num] != 0) {
        num++;
    }
    (void)CBB_init_fixed(&record, out->bytes, sizeof out->bytes);
    (void)CBB_add_u16(&record, (uint16_t)(0x8000 | (11 + leaf_len + 3 * num + 16)));
    (void)CBB_add_u8(&record, 4);
    (void)CBB_add_u16(&record, 1); /* no session taken up, and the certificate's type */
    (void)CBB_add_u16(&record, TC_SSL2);
    (void)CBB_add_u16(&record, (uint16_t)leaf_len);
    (void)CBB_add_u16(&record, (uint16_t)(3 * num));
    (void)CBB_add_u16(&record, 16);
    (void)CBB_add_bytes(&record, leaf, leaf_len);
    for (size_t i = 0; i < num; i++) {
        (void)CBB_add_u24(&record, policy->ssl2_specs[i]);
    }
    (void)CBB_add_bytes(&record, connection, sizeof connection);
    (void)CBB_finish(&record, NULL, &out->len);
}

void fake_ssl2_write(struct fake_reply *out, const struct fake_policy *policy)
{
    static const char http[] = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
    if (policy->speaks_ssl2) {
        put_ssl2_hello(out, policy);
        return;
    }
    switch (policy->ssl2) {
    case FAKE_SSL2_ALERT:
        fake_alert_write(out, 40);
        break;
    case FAKE_SSL2_RESET:
        out->end = TC_ANSWER_RESET;
        break;
    case FAKE_SSL2_HTTP:
        memcpy(out->bytes, http, sizeof http - 1);
        out->len = sizeof http - 1;
        break;
    case FAKE_SSL2_CLOSE:
    default:
        out->end = TC_ANSWER_CLOSED;
        break;
    }
}
