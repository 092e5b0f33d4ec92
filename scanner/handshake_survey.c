#include "handshake_survey.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bytestring.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "tlscensus/boringssl_compat.h"

/* RFC 8446 section 4 and RFC 8879 section 4. */
#define TYPE_NEW_SESSION_TICKET     4
#define TYPE_ENCRYPTED_EXTENSIONS   8
#define TYPE_COMPRESSED_CERTIFICATE 25
#define HANDSHAKE_HEADER_BYTES      4
#define EXTENSION_EARLY_DATA        42     /* RFC 8446 section 4.2.10 */
#define EXTENSION_ECH               0xfe0d /* RFC 9849 */
#define MAX_ALPN_BYTES              512    /* a dozen names as they are registered */

/* zlib, brotli, zstd: RFC 8879 section 7.3. */
static const uint16_t k_compressions[] = {1, 2, 3};

/* ---- contexts ---- */

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
    struct tc_handshake *handshake = SSL_get_app_data(ssl);
    if (handshake == NULL || !handshake->keeps_session) {
        return 0;
    }
    SSL_SESSION_free(handshake->session);
    handshake->session = session;
    return 1; /* the reference is ours */
}

void tc_handshake_survey_context(SSL_CTX *context)
{
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
}

/* The algorithm has been seen; what the certificates are is known from other handshakes. */
static int give_up(SSL *ssl, CRYPTO_BUFFER **out, size_t uncompressed_len, const uint8_t *in,
                   size_t in_len)
{
    (void)ssl;
    (void)out;
    (void)uncompressed_len;
    (void)in;
    (void)in_len;
    return 0;
}

bool tc_handshake_offer_compression(SSL_CTX *context)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_compressions); i++) {
        if (!SSL_CTX_add_cert_compression_alg(context, k_compressions[i], NULL, give_up)) {
            return false;
        }
    }
    return true;
}

/* ---- wishes ---- */

/* RFC 7301 section 3.1: each name behind its length. */
static enum tc_status offer_alpn(SSL *ssl, const char *const *names, size_t num_names)
{
    uint8_t list[MAX_ALPN_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < num_names; i++) {
        size_t len = strlen(names[i]);
        if (len == 0 || len > UINT8_MAX || used + 1 + len > sizeof list) {
            return TC_ERR_LIMIT;
        }
        list[used] = (uint8_t)len;
        memcpy(list + used + 1, names[i], len);
        used += 1 + len;
    }
    return SSL_set_alpn_protos(ssl, list, (unsigned)used) == 0 ? TC_OK : TC_ERR_NOMEM;
}

static enum tc_status apply_session(SSL *ssl, const struct tc_handshake_wish *wish,
                                    SSL_SESSION *session)
{
    if (wish->without_tickets) {
        SSL_set_options(ssl, SSL_OP_NO_TICKET);
    }
    if (!wish->resumes || session == NULL) {
        return TC_OK;
    }
    SSL_set_early_data_enabled(ssl, wish->offers_early_data);
    return SSL_set_session(ssl, session) ? TC_OK : TC_ERR_TLS;
}

/*
 * The schemes that the server may sign with. Newer libraries take none that they cannot verify:
 * such are left out where the whole list is refused.
 */
static bool apply_schemes(SSL *ssl, const struct tc_handshake_wish *wish)
{
    uint16_t known[TC_WISH_MAX_SCHEMES];
    size_t num_known = 0;
    if (wish->num_schemes == 0 ||
        SSL_set_verify_algorithm_prefs(ssl, wish->schemes, wish->num_schemes)) {
        return true;
    }
    ERR_clear_error();
    for (size_t i = 0; i < wish->num_schemes; i++) {
        if (SSL_get_signature_algorithm_key_type(wish->schemes[i]) != EVP_PKEY_NONE) {
            known[num_known] = wish->schemes[i];
            num_known++;
        }
    }
    return num_known > 0 && SSL_set_verify_algorithm_prefs(ssl, known, num_known);
}

static enum tc_status apply_wish(struct tc_handshake *handshake,
                                 const struct tc_handshake_wish *wish, SSL_SESSION *session)
{
    SSL *ssl = handshake->ssl;
    if ((wish->min_version != 0 && !SSL_set_min_proto_version(ssl, wish->min_version)) ||
        (wish->max_version != 0 && !SSL_set_max_proto_version(ssl, wish->max_version)) ||
        !apply_schemes(ssl, wish)) {
        return TC_ERR_TLS;
    }
    SSL_set_enable_ech_grease(ssl, wish->offers_ech);
    enum tc_status status = apply_session(ssl, wish, session);
    if (status == TC_OK && wish->num_alpn > 0) {
        handshake->facts->offered_alpn = true;
        status = offer_alpn(ssl, wish->alpn, wish->num_alpn);
    }
    if (status == TC_OK && wish->renegotiates) {
        status = tc_renegotiation_plan(handshake);
    }
    return status;
}

enum tc_status tc_handshake_plan_survey(struct tc_handshake *handshake,
                                        const struct tc_handshake_plan *plan)
{
    handshake->facts = calloc(1, sizeof *handshake->facts);
    if (handshake->facts == NULL || !SSL_set_app_data(handshake->ssl, handshake)) {
        return TC_ERR_NOMEM;
    }
    handshake->keeps_session = plan->wish == NULL || plan->wish->keeps_session;
    return plan->wish == NULL ? TC_OK : apply_wish(handshake, plan->wish, plan->session);
}

/* ---- facts ---- */

/* The body of an extension in a list of them; false where it is not there. */
static bool find_extension(CBS *list, uint16_t wanted, CBS *out)
{
    CBS extensions;
    uint16_t type = 0;
    if (!CBS_get_u16_length_prefixed(list, &extensions)) {
        return false;
    }
    while (CBS_len(&extensions) > 0 && CBS_get_u16(&extensions, &type) &&
           CBS_get_u16_length_prefixed(&extensions, out)) {
        if (type == wanted) {
            return true;
        }
    }
    return false;
}

/* RFC 8446 section 4.6.1; RFC 5077 section 3.3 for TLS 1.2 and below. */
static void note_ticket(struct tc_handshake_facts *facts, CBS *body, bool is_tls13)
{
    CBS nonce;
    CBS ticket;
    CBS early_data;
    uint32_t age_add = 0;
    if (!CBS_get_u32(body, &facts->ticket_lifetime_s) || !is_tls13) {
        return;
    }
    if (CBS_get_u32(body, &age_add) && CBS_get_u8_length_prefixed(body, &nonce) &&
        CBS_get_u16_length_prefixed(body, &ticket) &&
        find_extension(body, EXTENSION_EARLY_DATA, &early_data)) {
        (void)CBS_get_u32(&early_data, &facts->max_early_data_bytes);
    }
}

/* After our close_notify the library ignores tickets; resumption can be asked for all the same. */
static void keep_late_session(struct tc_handshake *handshake, const uint8_t *bytes, size_t len)
{
    SSL_SESSION *session = SSL_process_tls13_new_session_ticket(handshake->ssl, bytes, len);
    if (session == NULL) {
        ERR_clear_error(); /* the connection's own errors come later */
        return;
    }
    SSL_SESSION_free(handshake->session);
    handshake->session = session;
}

void tc_handshake_note_fact(struct tc_handshake *handshake, uint8_t type, const uint8_t *bytes,
                            size_t len)
{
    struct tc_handshake_facts *facts = handshake->facts;
    CBS body;
    CBS extension;
    CBS_init(&body, bytes, len);
    if (!CBS_skip(&body, HANDSHAKE_HEADER_BYTES)) {
        return;
    }
    if (type == TYPE_NEW_SESSION_TICKET) {
        note_ticket(facts, &body, SSL_version(handshake->ssl) >= TLS1_3_VERSION);
        if (handshake->has_parted && handshake->keeps_session) {
            keep_late_session(handshake, bytes, len);
        }
    } else if (type == TYPE_ENCRYPTED_EXTENSIONS) {
        facts->ech_retry_configs = find_extension(&body, EXTENSION_ECH, &extension);
    } else if (type == TYPE_COMPRESSED_CERTIFICATE) {
        (void)CBS_get_u16(&body, &facts->certificate_compression);
    }
}

static enum tc_tristate tristate(bool value)
{
    return value ? TC_YES : TC_NO;
}

static void add_leaf(const struct tc_handshake *handshake, struct tc_handshake_facts *out,
                     const struct tc_chain_reader *reader)
{
    struct tc_cert *leaf = NULL;
    if (tc_handshake_leaf(handshake, &leaf, reader) != TC_OK) {
        return;
    }
    memcpy(out->leaf_sha256, leaf->sha256, sizeof out->leaf_sha256);
    if (leaf->key_type != NULL && strcmp(leaf->key_type, "RSA") == 0) {
        out->leaf_key = TC_LEAF_RSA;
    } else if (leaf->key_type != NULL && (strncmp(leaf->key_type, "ECDSA", 5) == 0 ||
                                          strncmp(leaf->key_type, "Ed", 2) == 0)) {
        out->leaf_key = TC_LEAF_ECDSA;
    }
    tc_cert_release(leaf);
}

static void add_alpn(const SSL *ssl, struct tc_handshake_facts *out)
{
    const uint8_t *name = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(ssl, &name, &len);
    if (len > 0 && len < sizeof out->alpn) {
        memcpy(out->alpn, name, len);
        out->alpn[len] = '\0';
    }
}

/* What a handshake that is done agreed on. */
static void add_agreed(const SSL *ssl, struct tc_handshake_facts *out)
{
    bool is_tls13 = SSL_version(ssl) >= TLS1_3_VERSION;
    out->group = SSL_get_curve_id(ssl);
    out->signature_scheme = SSL_get_peer_signature_algorithm(ssl);
    out->is_resumed = SSL_session_reused(ssl);
    out->early_data_accepted = SSL_early_data_accepted(ssl);
    if (!is_tls13) {
        out->extended_master_secret = tristate(SSL_get_extms_support(ssl));
        out->secure_renegotiation = tristate(SSL_get_secure_renegotiation_support(ssl));
    }
    add_alpn(ssl, out);
}

/* The fatal alert that the server sent; 0: none. */
static uint8_t received_alert(const struct tc_handshake *handshake)
{
    int reason = ERR_GET_REASON(handshake->error);
    bool is_alert = ERR_GET_LIB(handshake->error) == ERR_LIB_SSL &&
                    reason >= SSL_AD_REASON_OFFSET && reason <= SSL_AD_REASON_OFFSET + UINT8_MAX;
    return is_alert ? (uint8_t)(reason - SSL_AD_REASON_OFFSET) : 0;
}

void tc_handshake_get_facts(const struct tc_handshake *handshake, struct tc_handshake_facts *out,
                            const struct tc_chain_reader *reader)
{
    const SSL *ssl = handshake->ssl;
    *out = (struct tc_handshake_facts){0};
    if (handshake->facts != NULL) {
        *out = *handshake->facts;
    }
    out->extended_master_secret = TC_UNKNOWN;
    out->secure_renegotiation = TC_UNKNOWN;
    out->client_certificate_request = TC_UNKNOWN;
    if (ssl == NULL) {
        return;
    }
    const SSL_CIPHER *cipher =
        handshake->is_done ? SSL_get_current_cipher(ssl) : SSL_get_pending_cipher(ssl);
    out->is_done = handshake->is_done;
    out->alert = received_alert(handshake);
    if (handshake->server_hello_seen && cipher != NULL) { /* else the ServerHello was refused */
        out->version = (uint16_t)SSL_version(ssl);
        out->suite = SSL_CIPHER_get_protocol_id(cipher);
    }
    if (handshake->is_done) {
        add_agreed(ssl, out);
        out->client_certificate_request = TC_NO;
    }
    if (handshake->certificate_request_seen) {
        out->client_certificate_request = TC_YES;
    }
    out->ticket_seen = handshake->ticket_seen;
    /* In TLS 1.2 and below a ticket is part of the handshake (RFC 5077 section 3.3). */
    out->tickets_awaited =
        handshake->is_done && (SSL_get_options(ssl) & SSL_OP_NO_TICKET) == 0 &&
        (out->version < TLS1_3_VERSION || out->ticket_seen || handshake->heard_end);
    out->session_kept = handshake->session != NULL;
    add_leaf(handshake, out, reader);
}
