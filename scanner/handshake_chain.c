/* The certificates of a handshake: from the library's buffers, or from the raw message where the
   library gave up on them. */
#include "handshake.h"

#include <stdlib.h>

#include <openssl/bytestring.h>
#include <openssl/pool.h>
#include <openssl/stack.h>

#include "tlscensus/boringssl_compat.h"

/* How many places of the memory one certificate may be in. */
#define PLACES 4

void tc_cert_memory_cleanup(struct tc_cert_memory *memory)
{
    for (size_t i = 0; i < TC_CERT_MEMORY; i++) {
        CRYPTO_BUFFER_free(memory->known[i].buffer);
        tc_cert_release(memory->known[i].cert);
    }
    *memory = (struct tc_cert_memory){0};
}

/* Leaves differ from host to host; the few issuers above them are found without hashing. */
static enum tc_status cert_of_buffer(struct tc_cert_memory *memory, struct tc_verifier *verifier,
                                     struct tc_cert **out, CRYPTO_BUFFER *buffer, bool is_leaf)
{
    size_t home = ((uintptr_t)buffer >> 5) % TC_CERT_MEMORY;
    size_t place = home;
    for (size_t i = 0; !is_leaf && i < PLACES; i++) {
        place = (home + i) % TC_CERT_MEMORY;
        if (memory->known[place].buffer == buffer) {
            tc_ref_get(&memory->known[place].cert->ref);
            *out = memory->known[place].cert;
            return TC_OK;
        }
        if (memory->known[place].buffer == NULL) {
            break;
        }
    }
    enum tc_status status =
        tc_verifier_cert(verifier, out, CRYPTO_BUFFER_data(buffer), CRYPTO_BUFFER_len(buffer));
    if (status == TC_OK && !is_leaf) {
        /* The first free place, or the last one tried: what was there is forgotten. */
        CRYPTO_BUFFER_free(memory->known[place].buffer);
        tc_cert_release(memory->known[place].cert);
        CRYPTO_BUFFER_up_ref(buffer);
        tc_ref_get(&(*out)->ref);
        memory->known[place].buffer = buffer;
        memory->known[place].cert = *out;
    }
    return status;
}

/* Reads one entry of a Certificate message, which is never empty; in TLS 1.3 extensions follow each
   (RFC 8446 section 4.4.2). */
static bool next_entry(CBS *list, bool is_tls13, CBS *out)
{
    CBS extensions;
    return CBS_len(list) > 0 && CBS_get_u24_length_prefixed(list, out) && CBS_len(out) > 0 &&
           (!is_tls13 || CBS_get_u16_length_prefixed(list, &extensions));
}

static bool message_list(CBS *out, const uint8_t *bytes, size_t len, bool is_tls13)
{
    CBS message;
    CBS context;
    CBS_init(&message, bytes, len);
    return (!is_tls13 || CBS_get_u8_length_prefixed(&message, &context)) &&
           CBS_get_u24_length_prefixed(&message, out);
}

/* What was presented, not yet looked at. */
struct presented {
    const STACK_OF(CRYPTO_BUFFER) * buffers; /* NULL: the raw list */
    CBS list;
    bool is_tls13;
    size_t num;
};

/* Finds where the entries of a raw list end. */
static bool count_entries(struct presented *presented)
{
    CBS walk = presented->list;
    CBS entry;
    while (next_entry(&walk, presented->is_tls13, &entry)) {
        presented->num++;
    }
    return presented->num > 0;
}

static bool find_presented(const struct tc_handshake *handshake, struct presented *out)
{
    const struct tc_scratch *scratch = handshake->connection->scratch;
    *out = (struct presented){.is_tls13 = SSL_version(handshake->ssl) >= TLS1_3_VERSION};
    out->buffers = SSL_get0_peer_certificates(handshake->ssl);
    if (out->buffers != NULL && sk_CRYPTO_BUFFER_num(out->buffers) > 0) {
        out->num = sk_CRYPTO_BUFFER_num(out->buffers);
        return true;
    }
    out->buffers = NULL;
    return handshake->certificate_kept &&
           message_list(&out->list, scratch->certificate, scratch->certificate_len,
                        out->is_tls13) &&
           count_entries(out);
}

static enum tc_status read_cert(struct presented *presented, size_t index, struct tc_cert **out,
                                const struct tc_chain_reader *reader)
{
    const struct tc_scan_options *options = reader->options;
    if (presented->buffers != NULL) {
        CRYPTO_BUFFER *buffer = sk_CRYPTO_BUFFER_value(presented->buffers, index);
        if (CRYPTO_BUFFER_len(buffer) > options->max_cert_bytes) {
            return TC_ERR_LIMIT;
        }
        return cert_of_buffer(reader->memory, options->verifier, out, buffer, index == 0);
    }
    CBS entry;
    if (!next_entry(&presented->list, presented->is_tls13, &entry)) {
        return TC_ERR_MALFORMED;
    }
    if (CBS_len(&entry) > options->max_cert_bytes) {
        return TC_ERR_LIMIT;
    }
    return tc_verifier_cert(options->verifier, out, CBS_data(&entry), CBS_len(&entry));
}

static enum tc_tristate tristate(bool value)
{
    return value ? TC_YES : TC_NO;
}

static enum tc_status read_chain(struct presented *presented, struct tc_read_chain *out,
                                 const struct tc_chain_reader *reader)
{
    struct tc_verifier *verifier = reader->options->verifier;
    if (presented->num > reader->options->max_certs) {
        return TC_ERR_LIMIT;
    }
    enum tc_status status = TC_OK;
    size_t num_certs = 0;
    struct tc_cert **certs = calloc(presented->num, sizeof(struct tc_cert *));
    if (certs == NULL) {
        return TC_ERR_NOMEM;
    }
    for (; num_certs < presented->num; num_certs++) {
        status = read_cert(presented, num_certs, &certs[num_certs], reader);
        if (status != TC_OK) {
            goto done;
        }
    }
    status = tc_verifier_chain(verifier, &out->chain, certs, num_certs);
    if (status == TC_OK) {
        out->name_match = tristate(tc_cert_matches_name(certs[0], reader->reference_name));
        out->cn_match = tristate(tc_cert_cn_matches_name(certs[0], reader->reference_name));
    }

done:
    for (size_t i = 0; i < num_certs; i++) {
        tc_cert_release(certs[i]);
    }
    free(certs);
    return status;
}

enum tc_status tc_handshake_read_chain(const struct tc_handshake *handshake,
                                       struct tc_read_chain *out,
                                       const struct tc_chain_reader *reader)
{
    struct presented presented;
    *out = (struct tc_read_chain){.name_match = TC_UNKNOWN, .cn_match = TC_UNKNOWN};
    if (handshake->ssl == NULL || !find_presented(handshake, &presented)) {
        return TC_OK;
    }
    return read_chain(&presented, out, reader);
}

enum tc_status tc_message_read_chain(const uint8_t *body, size_t len, struct tc_read_chain *out,
                                     const struct tc_chain_reader *reader)
{
    struct presented presented = {.is_tls13 = false};
    *out = (struct tc_read_chain){.name_match = TC_UNKNOWN, .cn_match = TC_UNKNOWN};
    if (!message_list(&presented.list, body, len, presented.is_tls13) ||
        !count_entries(&presented)) {
        return TC_OK;
    }
    return read_chain(&presented, out, reader);
}

enum tc_status tc_handshake_leaf(const struct tc_handshake *handshake, struct tc_cert **out,
                                 const struct tc_chain_reader *reader)
{
    struct presented presented;
    if (handshake->ssl == NULL || !find_presented(handshake, &presented)) {
        return TC_ERR_END;
    }
    return read_cert(&presented, 0, out, reader);
}
