#include "handshake.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/pool.h>

#include "handshake_survey.h"
#include "tlscensus/boringssl_compat.h"

/* RFC 8446 section 4: the handshake types that are looked at. */
#define TYPE_SERVER_HELLO        2
#define TYPE_NEW_SESSION_TICKET  4
#define TYPE_CERTIFICATE         11
#define TYPE_CERTIFICATE_REQUEST 13
/* Ours, for what is no handshake message (observation.h). */
#define TYPE_ALERT              253
#define TYPE_CHANGE_CIPHER_SPEC 254
#define HANDSHAKE_HEADER_BYTES  4
/* A handshake has a dozen; a peer that sends empty ones for ever is not recorded for ever. */
#define MAX_MESSAGES 64

/* RFC 7301 section 3.1: each name behind its length. */
static const uint8_t k_alpn[] = {2, 'h', '2', 8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/*
 * RFC 8446 section 4.2.3. The library's default leaves out Ed25519, P-521 and SHA-1 signatures,
 * which servers have all the same.
 */
static const uint16_t k_signature_schemes[] = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501,
                                               0x0603, 0x0806, 0x0601, 0x0807, 0x0203, 0x0201};

static enum ssl_verify_result_t accept_any(SSL *ssl, uint8_t *out_alert)
{
    (void)ssl;
    (void)out_alert;
    return ssl_verify_ok; /* the verdict is made afterwards, and never ends a handshake */
}

static void keep_certificate(struct tc_handshake *handshake, const uint8_t *body, size_t len)
{
    struct tc_scratch *scratch = handshake->connection->scratch;
    if (len > scratch->certificate_capacity) {
        uint8_t *larger = realloc(scratch->certificate, len);
        if (larger == NULL) {
            return; /* only a chain that the library rejects is lost */
        }
        scratch->certificate = larger;
        scratch->certificate_capacity = len;
    }
    memcpy(scratch->certificate, body, len);
    scratch->certificate_len = len;
    handshake->certificate_kept = true;
}

/* The buffer is made once, for as many messages as there may be: only with --keep-messages. */
static void keep_message(struct tc_handshake *handshake, bool from_server, uint8_t type, size_t len)
{
    if (handshake->messages == NULL) {
        handshake->messages = calloc(MAX_MESSAGES, sizeof(*handshake->messages));
    }
    if (handshake->messages == NULL || handshake->num_messages == MAX_MESSAGES) {
        return;
    }
    int64_t offset_us = 0;
    if (handshake->hello_us >= 0) {
        const struct tc_io *io = handshake->connection->io;
        offset_us = io->now_us(io->context) - handshake->hello_us - handshake->queued_us;
    }
    handshake->messages[handshake->num_messages] = (struct tc_message){
        .from_server = from_server,
        .type = type,
        .size_bytes = (uint32_t)len,
        .offset_us = offset_us < 0 ? 0 : (uint32_t)offset_us,
    };
    handshake->num_messages++;
}

static void note_server_message(struct tc_handshake *handshake, uint8_t type, const uint8_t *bytes,
                                size_t len)
{
    if (type == TYPE_SERVER_HELLO) {
        handshake->server_hello_seen = true;
    } else if (type == TYPE_CERTIFICATE_REQUEST) {
        handshake->certificate_request_seen = true;
    } else if (type == TYPE_NEW_SESSION_TICKET) {
        handshake->ticket_seen = true;
    } else if (type == TYPE_CERTIFICATE && len > HANDSHAKE_HEADER_BYTES) {
        keep_certificate(handshake, bytes + HANDSHAKE_HEADER_BYTES, len - HANDSHAKE_HEADER_BYTES);
    }
    if (handshake->facts != NULL) {
        tc_handshake_note_fact(handshake, type, bytes, len);
    }
}

static void note_message(int is_write, int version, int content_type, const void *bytes, size_t len,
                         SSL *ssl, void *context)
{
    struct tc_handshake *handshake = context;
    uint8_t type = 0;
    (void)version;
    (void)ssl;
    if (handshake == NULL || len == 0) {
        return;
    }
    if (content_type == SSL3_RT_HANDSHAKE) {
        type = *(const uint8_t *)bytes;
        if (!is_write) {
            note_server_message(handshake, type, bytes, len);
        }
    } else if (content_type == SSL3_RT_CHANGE_CIPHER_SPEC) {
        type = TYPE_CHANGE_CIPHER_SPEC;
    } else if (content_type == SSL3_RT_ALERT) {
        type = TYPE_ALERT;
    } else {
        return; /* a record's header */
    }
    if (handshake->keep_messages) {
        keep_message(handshake, !is_write, type, len);
    }
}

static SSL_CTX *new_context(CRYPTO_BUFFER_POOL *pool, const struct tc_scan_options *options,
                            bool offer_alpn)
{
    SSL_CTX *context = SSL_CTX_new(TLS_with_buffers_method());
    if (context == NULL) {
        return NULL;
    }
    SSL_CTX_set0_buffer_pool(context, pool);
    SSL_CTX_set_custom_verify(context, SSL_VERIFY_PEER, accept_any);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    tc_handshake_survey_context(context); /* of no consequence to who asks for no session */
    SSL_CTX_set_max_cert_list(context, options->max_read_bytes);
    SSL_CTX_enable_ocsp_stapling(context);
    SSL_CTX_enable_signed_cert_timestamps(context);
    SSL_CTX_set_msg_callback(context, note_message);
    if (!SSL_CTX_set_min_proto_version(context, TLS1_VERSION) ||
        !SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) ||
        !SSL_CTX_set_cipher_list(context, TC_CIPHER_LIST) ||
        !SSL_CTX_set1_curves_list(context, TC_GROUP_LIST) ||
        !SSL_CTX_set_verify_algorithm_prefs(context, k_signature_schemes,
                                            TC_ARRAY_LEN(k_signature_schemes)) ||
        (offer_alpn && SSL_CTX_set_alpn_protos(context, k_alpn, sizeof k_alpn) != 0)) {
        SSL_CTX_free(context);
        return NULL;
    }
    return context;
}

enum tc_status tc_tls_new(struct tc_tls **out, const struct tc_scan_options *options)
{
    enum tc_status status = TC_ERR_NOMEM;
    struct tc_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) {
        return TC_ERR_NOMEM;
    }
    tls->pool = CRYPTO_BUFFER_POOL_new();
    if (tls->pool == NULL) {
        goto done;
    }
    status = tc_connection_bio_method_new(&tls->bio_method);
    if (status != TC_OK) {
        goto done;
    }
    status = TC_ERR_TLS;
    tls->with_alpn = new_context(tls->pool, options, true);
    tls->without_alpn = new_context(tls->pool, options, false);
    tls->compressing = new_context(tls->pool, options, false);
    if (tls->with_alpn == NULL || tls->without_alpn == NULL || tls->compressing == NULL ||
        !tc_handshake_offer_compression(tls->compressing)) {
        goto done;
    }
    *out = tls;
    tls = NULL;
    status = TC_OK;

done:
    tc_tls_free(tls);
    return status;
}

void tc_tls_free(struct tc_tls *tls)
{
    if (tls == NULL) {
        return;
    }
    SSL_CTX_free(tls->with_alpn);
    SSL_CTX_free(tls->without_alpn);
    SSL_CTX_free(tls->compressing);
    CRYPTO_BUFFER_POOL_free(tls->pool);
    if (tls->bio_method != NULL) {
        BIO_meth_free(tls->bio_method);
    }
    free(tls);
}

/* The slot's BIO is made at its first use and kept: the SSL gets a reference. */
static bool attach(SSL *ssl, struct tc_connection *connection, const BIO_METHOD *method)
{
    if (connection->bio == NULL) {
        connection->bio = BIO_new(method);
        if (connection->bio == NULL) {
            return false;
        }
        BIO_set_data(connection->bio, connection);
        BIO_set_init(connection->bio, 1);
    }
    BIO_clear_retry_flags(connection->bio);
    BIO_up_ref(connection->bio);
    SSL_set_bio(ssl, connection->bio, connection->bio);
    return true;
}

static SSL_CTX *choose_context(const struct tc_tls *tls, const struct tc_handshake_plan *plan)
{
    if (plan->wish != NULL && plan->wish->offers_certificate_compression) {
        return tls->compressing;
    }
    bool offer_alpn = plan->protocol == TC_PROTOCOL_HTTPS || plan->protocol == TC_PROTOCOL_TLS;
    return offer_alpn ? tls->with_alpn : tls->without_alpn;
}

enum tc_status tc_handshake_start(struct tc_handshake *handshake, const struct tc_tls *tls,
                                  struct tc_connection *connection,
                                  const struct tc_handshake_plan *plan)
{
    SSL_CTX *context = choose_context(tls, plan);
    *handshake = (struct tc_handshake){
        .connection = connection,
        .hello_us = -1,
        .keep_messages = plan->keep_messages,
    };
    handshake->ssl = SSL_new(context);
    if (handshake->ssl == NULL || !attach(handshake->ssl, connection, tls->bio_method)) {
        return TC_ERR_NOMEM;
    }
    SSL_set_msg_callback_arg(handshake->ssl, handshake);
    tc_ssl_allow_any_rsa_key_usage(handshake->ssl);
    SSL_set_connect_state(handshake->ssl);
    if (plan->server_name != NULL && !SSL_set_tlsext_host_name(handshake->ssl, plan->server_name)) {
        return TC_ERR_TLS;
    }
    if (!plan->for_survey) {
        return TC_OK;
    }
    enum tc_status status = tc_handshake_plan_survey(handshake, plan);
    if (status == TC_OK && context == tls->with_alpn) {
        handshake->facts->offered_alpn = true;
    }
    return status;
}

/* What an SSL call's result means; the reason is kept, for the library's queue is everybody's. */
static enum tc_handshake_result judge(struct tc_handshake *handshake, int result)
{
    switch (SSL_get_error(handshake->ssl, result)) {
    case SSL_ERROR_NONE:
        return TC_HANDSHAKE_DONE;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return TC_HANDSHAKE_WAIT;
    case SSL_ERROR_SSL:
        handshake->error = ERR_peek_error(); /* the oldest: later ones only comment on it */
        return TC_HANDSHAKE_FAILED;
    default: /* SSL_ERROR_SYSCALL and SSL_ERROR_ZERO_RETURN: the connection knows */
        return TC_HANDSHAKE_FAILED;
    }
}

/*
 * With early data on offer the library calls the handshake done as soon as something could be
 * written (RFC 8446 section 2.3), and tells of a refusal with an error of its own. We write nothing
 * and go on to the real end.
 */
static int do_handshake(SSL *ssl)
{
    int result = SSL_do_handshake(ssl);
    if (result == 1 && SSL_in_early_data(ssl)) {
        result = SSL_do_handshake(ssl);
    }
    if (result != 1 && SSL_get_error(ssl, result) == SSL_ERROR_EARLY_DATA_REJECTED) {
        SSL_reset_early_data_reject(ssl);
        ERR_clear_error();
        result = SSL_do_handshake(ssl);
    }
    return result;
}

enum tc_handshake_result tc_handshake_advance(struct tc_handshake *handshake)
{
    const struct tc_connection *connection = handshake->connection;
    const struct tc_io *io = connection->io;
    handshake->certificate_kept = false; /* others have used the scratch meanwhile */
    int64_t begin_us = io->now_us(io->context);
    ERR_clear_error(); /* SSL_get_error() reads this queue; drop what others left there */
    int result = do_handshake(handshake->ssl);
    enum tc_handshake_result outcome = judge(handshake, result);
    handshake->own_us += io->now_us(io->context) - begin_us;
    handshake->is_done = outcome == TC_HANDSHAKE_DONE;
    if (outcome == TC_HANDSHAKE_WAIT &&
        tc_bytes_are_not_tls(connection->head, connection->head_len)) {
        return TC_HANDSHAKE_FAILED; /* it would wait for the rest of a record that never comes */
    }
    return outcome;
}

bool tc_handshake_awaits_ticket(const struct tc_handshake *handshake)
{
    return handshake->keeps_session && !handshake->ticket_seen &&
           SSL_version(handshake->ssl) >= TLS1_3_VERSION;
}

bool tc_handshake_awaits_answer(const struct tc_handshake *handshake)
{
    return tc_handshake_awaits_ticket(handshake) || handshake->renegotiation != NULL ||
           (handshake->certificate_request_seen && SSL_version(handshake->ssl) >= TLS1_3_VERSION);
}

/*
 * TCP keeps the order: what a server sent before it heard our goodbye is here when its own end is.
 * Who leaves without that may have refused us, or was cut off.
 */
static void note_end(struct tc_handshake *handshake)
{
    bool has_ended = (SSL_get_shutdown(handshake->ssl) & SSL_RECEIVED_SHUTDOWN) != 0 ||
                     handshake->connection->end == TC_CONNECTION_EOF;
    handshake->heard_end = handshake->has_parted && has_ended && handshake->error == 0;
}

enum tc_handshake_result tc_handshake_listen(struct tc_handshake *handshake)
{
    enum tc_handshake_result outcome = TC_HANDSHAKE_DONE;
    uint8_t bytes[256];
    if (handshake->renegotiation != NULL) {
        return tc_renegotiation_advance(handshake);
    }
    do { /* what a server says first may come before its tickets; the connection's cap ends it */
        ERR_clear_error();
        int result = SSL_read(handshake->ssl, bytes, (int)sizeof bytes);
        outcome = judge(handshake, result);
        if (handshake->ticket_seen) {
            return TC_HANDSHAKE_DONE; /* RFC 8446 section 4.6.1: sent once our Finished was accepted
                                       */
        }
    } while (outcome == TC_HANDSHAKE_DONE && tc_handshake_awaits_ticket(handshake));
    note_end(handshake);
    return outcome;
}

void tc_handshake_farewell(struct tc_handshake *handshake, const uint8_t *words, size_t words_len)
{
    if (handshake->ssl == NULL || !handshake->is_done || handshake->error != 0 ||
        handshake->has_parted) {
        return;
    }
    handshake->has_parted = true;
    if (handshake->renegotiation != NULL) {
        tc_renegotiation_farewell(handshake);
        return;
    }
    /* A connection that is gone needs no farewell: nothing here may fail. */
    ERR_clear_error();
    if (words_len > 0) {
        (void)SSL_write(handshake->ssl, words, (int)words_len);
    }
    (void)SSL_shutdown(handshake->ssl);
    ERR_clear_error();
}

/* RFC 6962 section 3.3: a list behind its length, each item behind its own. */
static uint32_t count_scts(const uint8_t *bytes, size_t len)
{
    uint32_t num = 0;
    CBS list;
    CBS all;
    CBS_init(&all, bytes, len);
    if (!CBS_get_u16_length_prefixed(&all, &list)) {
        return 0;
    }
    CBS sct;
    while (CBS_len(&list) > 0 && CBS_get_u16_length_prefixed(&list, &sct)) {
        num++;
    }
    return num;
}

static void record_agreed(const SSL *ssl, struct tc_observation *observation)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    unsigned alpn_len = 0;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    observation->tls_version = (uint16_t)SSL_version(ssl);
    observation->cipher = cipher == NULL ? 0 : SSL_CIPHER_get_protocol_id(cipher);
    observation->kx_group = SSL_get_curve_id(ssl);
    observation->signature_scheme = SSL_get_peer_signature_algorithm(ssl);
    SSL_get0_alpn_selected(ssl, &bytes, &alpn_len);
    if (alpn_len > 0 && alpn_len < TC_ALPN_MAX) {
        memcpy(observation->alpn, bytes, alpn_len);
        observation->alpn[alpn_len] = '\0';
        observation->alpn_len = alpn_len;
    }
    SSL_get0_ocsp_response(ssl, &bytes, &len);
    observation->ocsp_stapled = len > 0 ? TC_YES : TC_NO;
    SSL_get0_signed_cert_timestamp_list(ssl, &bytes, &len);
    observation->sct_count_tls = len > 0 ? count_scts(bytes, len) : 0;
    observation->hello_retry = SSL_used_hello_retry_request(ssl) ? TC_YES : TC_NO;
}

void tc_handshake_record(struct tc_handshake *handshake, struct tc_observation *observation)
{
    if (handshake->ssl == NULL) {
        return;
    }
    if (handshake->is_done) {
        record_agreed(handshake->ssl, observation);
        observation->client_certificate_requested = TC_NO;
    } else if (handshake->certificate_request_seen) {
        const SSL_CIPHER *cipher = SSL_get_pending_cipher(handshake->ssl);
        observation->tls_version = (uint16_t)SSL_version(handshake->ssl);
        observation->cipher = cipher == NULL ? 0 : SSL_CIPHER_get_protocol_id(cipher);
    }
    if (handshake->certificate_request_seen) {
        observation->client_certificate_requested = TC_YES;
    }
    observation->messages = handshake->messages;
    observation->num_messages = handshake->num_messages;
    handshake->messages = NULL;
    handshake->num_messages = 0;
}

void tc_handshake_cleanup(struct tc_handshake *handshake)
{
    SSL_free(handshake->ssl);
    SSL_SESSION_free(handshake->session);
    free(handshake->renegotiation);
    free(handshake->facts);
    free(handshake->messages);
    *handshake = (struct tc_handshake){0};
}
