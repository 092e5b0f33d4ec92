#include "handshake_survey.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/aead.h>
#include <openssl/mem.h>
#include <openssl/nid.h>

#include "tlscensus/boringssl_compat.h"
#include "tlscensus/hello.h"

#define RECORD_HEADER_BYTES 5
#define RECORD_ALERT        21
#define RECORD_HANDSHAKE    22
#define FINISHED_BYTES      12 /* RFC 5246 section 7.4.9: verify_data */
#define GCM_SALT_BYTES      4  /* RFC 5288 section 3: the rest of the nonce is in the record */
#define EXPLICIT_BYTES      8
#define NONCE_BYTES         12
#define MAX_KEY_BLOCK       (2 * (32 + NONCE_BYTES))
#define AAD_BYTES           13 /* RFC 5246 section 6.2.3.3 */
#define MAX_OVERHEAD        32 /* explicit nonce and tag */
#define MAX_PLAIN           512

/* Ciphers with which one more record can be sealed from outside. */
static const char k_ciphers[] =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    "AES128-GCM-SHA256:AES256-GCM-SHA384";

struct tc_renegotiation {
    uint64_t sequence; /* of the next record */
    bool has_asked;
    uint8_t header[RECORD_HEADER_BYTES]; /* of the record that is being read */
    size_t header_len;
    size_t skip; /* bytes of its body that are still to come */
};

/* How the connection seals records. */
struct sealer {
    const EVP_AEAD *aead;
    const uint8_t *key;
    size_t iv_len;
    const uint8_t *iv;
    uint8_t block[MAX_KEY_BLOCK];
};

enum tc_status tc_renegotiation_plan(struct tc_handshake *handshake)
{
    if (!SSL_set_strict_cipher_list(handshake->ssl, k_ciphers) ||
        !SSL_set_max_proto_version(handshake->ssl, TLS1_2_VERSION) ||
        !SSL_set_min_proto_version(handshake->ssl, TLS1_2_VERSION)) {
        return TC_ERR_TLS;
    }
    handshake->renegotiation = calloc(1, sizeof *handshake->renegotiation);
    return handshake->renegotiation == NULL ? TC_ERR_NOMEM : TC_OK;
}

/* RFC 5246 section 6.3: client and server take turns; AEAD has no MAC keys. */
static bool get_sealer(const SSL *ssl, struct sealer *out)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    switch (cipher == NULL ? NID_undef : SSL_CIPHER_get_cipher_nid(cipher)) {
    case NID_aes_128_gcm:
        out->aead = EVP_aead_aes_128_gcm();
        out->iv_len = GCM_SALT_BYTES;
        break;
    case NID_aes_256_gcm:
        out->aead = EVP_aead_aes_256_gcm();
        out->iv_len = GCM_SALT_BYTES;
        break;
    case NID_chacha20_poly1305:
        out->aead = EVP_aead_chacha20_poly1305();
        out->iv_len = NONCE_BYTES;
        break;
    default:
        return false;
    }
    size_t key_len = EVP_AEAD_key_length(out->aead);
    size_t block_len = 2 * (key_len + out->iv_len);
    if (SSL_version(ssl) != TLS1_2_VERSION || SSL_get_key_block_len(ssl) != block_len ||
        !SSL_generate_key_block(ssl, out->block, block_len)) {
        return false;
    }
    out->key = out->block;
    out->iv = out->block + 2 * key_len;
    return true;
}

static void put_u64(uint8_t out[8], uint64_t value)
{
    for (size_t i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

/* RFC 5288 section 3: salt and sequence. RFC 7905 section 2: the sequence is folded into the IV. */
static void make_nonce(uint8_t nonce[NONCE_BYTES], const struct sealer *sealer,
                       const uint8_t sequence[EXPLICIT_BYTES])
{
    memset(nonce, 0, NONCE_BYTES);
    memcpy(nonce, sealer->iv, sealer->iv_len);
    for (size_t i = 0; i < EXPLICIT_BYTES; i++) {
        nonce[NONCE_BYTES - EXPLICIT_BYTES + i] ^= sequence[i];
    }
}

/* Seals `plain` as one record and writes it into the connection's scratch. */
static bool send_record(struct tc_handshake *handshake, uint8_t type, const uint8_t *plain,
                        size_t len)
{
    struct tc_renegotiation *renegotiation = handshake->renegotiation;
    struct sealer sealer = {.aead = NULL};
    uint8_t nonce[NONCE_BYTES];
    uint8_t aad[AAD_BYTES] = {[8] = type, [9] = 3, [10] = 3, [11] = (uint8_t)(len >> 8)};
    uint8_t record[RECORD_HEADER_BYTES + MAX_PLAIN + MAX_OVERHEAD] = {type, 3, 3};
    EVP_AEAD_CTX context;
    size_t sealed_len = 0;
    bool was_sent = false;
    aad[12] = (uint8_t)len;
    EVP_AEAD_CTX_zero(&context);
    if (len > MAX_PLAIN || !get_sealer(handshake->ssl, &sealer) ||
        !EVP_AEAD_CTX_init(&context, sealer.aead, sealer.key, EVP_AEAD_key_length(sealer.aead),
                           EVP_AEAD_DEFAULT_TAG_LENGTH, NULL)) {
        goto done;
    }
    put_u64(aad, renegotiation->sequence);
    make_nonce(nonce, &sealer, aad);
    size_t explicit_len = sealer.iv_len == GCM_SALT_BYTES ? EXPLICIT_BYTES : 0;
    memcpy(record + RECORD_HEADER_BYTES, aad, explicit_len);
    if (!EVP_AEAD_CTX_seal(&context, record + RECORD_HEADER_BYTES + explicit_len, &sealed_len,
                           sizeof record - RECORD_HEADER_BYTES - explicit_len, nonce, sizeof nonce,
                           plain, len, aad, sizeof aad)) {
        goto done;
    }
    sealed_len += explicit_len;
    record[3] = (uint8_t)(sealed_len >> 8);
    record[4] = (uint8_t)sealed_len;
    renegotiation->sequence++;
    was_sent = tc_connection_write(handshake->connection, record, RECORD_HEADER_BYTES + sealed_len);

done:
    EVP_AEAD_CTX_cleanup(&context);
    OPENSSL_cleanse(sealer.block, sizeof sealer.block);
    return was_sent;
}

/*
 * A ClientHello that proves with our Finished that it continues this connection. Like the one
 * before, it names the server and has the extended master secret: OpenSSL refuses one that has
 * dropped it, and we would take that for the server's policy.
 */
static bool send_hello(struct tc_handshake *handshake)
{
    static const uint16_t k_suites[] = {0xc02b, 0xc02f, 0xc02c, 0xc030,
                                        0xcca9, 0xcca8, 0x009c, 0x009d};
    static const uint16_t k_groups[] = {29, 23, 24};
    static const uint16_t k_schemes[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501};
    struct tc_hello hello;
    const char *name = SSL_get_servername(handshake->ssl, TLSEXT_NAMETYPE_host_name);
    uint8_t random[TC_HELLO_RANDOM_BYTES];
    uint8_t info[1 + FINISHED_BYTES] = {FINISHED_BYTES};
    uint8_t bytes[RECORD_HEADER_BYTES + MAX_PLAIN];
    size_t len = 0;
    if (SSL_get_finished(handshake->ssl, info + 1, FINISHED_BYTES) != FINISHED_BYTES) {
        return false;
    }
    (void)SSL_get_client_random(handshake->ssl, random, sizeof random);
    tc_hello_init(&hello, TLS1_2_VERSION, TLS1_2_VERSION, random);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_suites); i++) {
        tc_hello_add_suite(&hello, k_suites[i]);
    }
    if (name != NULL) {
        tc_hello_add_server_name(&hello, name);
    }
    tc_hello_add_extension(&hello, TC_EXTENSION_EXTENDED_MASTER_SECRET, NULL, 0);
    tc_hello_add_extension(&hello, TC_EXTENSION_RENEGOTIATION_INFO, info, sizeof info);
    tc_hello_add_point_formats(&hello);
    tc_hello_add_signature_algorithms(&hello, k_schemes, TC_ARRAY_LEN(k_schemes));
    tc_hello_add_groups(&hello, k_groups, TC_ARRAY_LEN(k_groups));
    return tc_hello_write(&hello, bytes, sizeof bytes, &len) == TC_OK &&
           len > RECORD_HEADER_BYTES &&
           send_record(handshake, RECORD_HANDSHAKE, bytes + RECORD_HEADER_BYTES,
                       len - RECORD_HEADER_BYTES);
}

/* Fewer than asked for: no more are there now. The library's own reader is passed by. */
static size_t read_bytes(struct tc_handshake *handshake, uint8_t *out, size_t len)
{
    int got = BIO_read(SSL_get_rbio(handshake->ssl), out, (int)len);
    return got > 0 ? (size_t)got : 0;
}

/* Takes in what is there of the present record's body; true at its end. */
static bool skip_body(struct tc_handshake *handshake)
{
    struct tc_renegotiation *renegotiation = handshake->renegotiation;
    uint8_t sink[256];
    while (renegotiation->skip > 0) {
        size_t wanted = renegotiation->skip < sizeof sink ? renegotiation->skip : sizeof sink;
        size_t got = read_bytes(handshake, sink, wanted);
        if (got == 0) {
            return false;
        }
        renegotiation->skip -= got;
    }
    return true;
}

static bool read_header(struct tc_handshake *handshake)
{
    struct tc_renegotiation *renegotiation = handshake->renegotiation;
    while (renegotiation->header_len < RECORD_HEADER_BYTES) {
        size_t got = read_bytes(handshake, renegotiation->header + renegotiation->header_len,
                                RECORD_HEADER_BYTES - renegotiation->header_len);
        if (got == 0) {
            return false;
        }
        renegotiation->header_len += got;
    }
    renegotiation->skip = (size_t)renegotiation->header[3] << 8 | renegotiation->header[4];
    renegotiation->header_len = 0;
    return true;
}

enum tc_handshake_result tc_renegotiation_advance(struct tc_handshake *handshake)
{
    struct tc_renegotiation *renegotiation = handshake->renegotiation;
    if (!renegotiation->has_asked) {
        renegotiation->has_asked = true;
        renegotiation->sequence = SSL_get_write_sequence(handshake->ssl);
        if (!send_hello(handshake)) {
            return TC_HANDSHAKE_DONE; /* the facts say that no answer came */
        }
    }
    /* Greetings and the like may come first, as application data. */
    while (skip_body(handshake) && read_header(handshake)) {
        uint8_t type = renegotiation->header[0];
        if (type == RECORD_ALERT || type == RECORD_HANDSHAKE) {
            handshake->facts->renegotiation_reply = type;
            return TC_HANDSHAKE_DONE;
        }
    }
    return handshake->connection->end == TC_CONNECTION_OPEN ? TC_HANDSHAKE_WAIT : TC_HANDSHAKE_DONE;
}

void tc_renegotiation_farewell(struct tc_handshake *handshake)
{
    static const uint8_t k_close_notify[] = {SSL3_AL_WARNING, SSL_AD_CLOSE_NOTIFY};
    if (handshake->renegotiation->has_asked) {
        (void)send_record(handshake, RECORD_ALERT, k_close_notify, sizeof k_close_notify);
    }
}
