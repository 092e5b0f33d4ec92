#include "tls_peer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/hpke.h>
#include <openssl/pool.h>

#define MAX_CHAIN 256

static struct made_cert g_ca;
static struct made_cert g_cert;

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

const struct made_cert *peer_ca(void)
{
    if (g_ca.der == NULL) {
        g_ca = make_cert(&(struct cert_recipe){.subject = "Test CA", .is_ca = true});
    }
    return &g_ca;
}

const struct made_cert *peer_cert(void)
{
    static const char *const k_names[] = {"host.example", NULL};
    if (g_cert.der == NULL) {
        g_cert = make_cert(
            &(struct cert_recipe){.subject = "host", .dns = k_names, .issuer = peer_ca()});
    }
    return &g_cert;
}

void peer_certs_cleanup(void)
{
    made_cert_cleanup(&g_cert);
    made_cert_cleanup(&g_ca);
    g_cert = (struct made_cert){0};
    g_ca = (struct made_cert){0};
}

static enum ssl_verify_result_t accept_any(SSL *ssl, uint8_t *out_alert)
{
    (void)ssl;
    (void)out_alert;
    return ssl_verify_ok;
}

static int select_h2(SSL *ssl, const uint8_t **out, uint8_t *out_len, const uint8_t *in,
                     unsigned in_len, void *context)
{
    static const uint8_t k_h2[] = {2, 'h', '2'};
    (void)ssl;
    (void)context;
    uint8_t *chosen = NULL;
    int result = SSL_select_next_proto(&chosen, out_len, k_h2, sizeof k_h2, in, in_len);
    *out = chosen;
    return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

static void set_certificate(SSL_CTX *context, unsigned num_copies)
{
    CRYPTO_BUFFER *chain[MAX_CHAIN] = {0};
    const struct made_cert *cert = peer_cert();
    size_t num = 1 + (size_t)num_copies;
    require(num <= MAX_CHAIN);
    for (size_t i = 0; i < num; i++) {
        chain[i] = CRYPTO_BUFFER_new(cert->der, cert->der_len, NULL);
    }
    require(SSL_CTX_set_chain_and_key(context, chain, num, cert->key, NULL) == 1);
    for (size_t i = 0; i < num; i++) {
        CRYPTO_BUFFER_free(chain[i]);
    }
}

/* No compression at all: what matters is that the message says so. */
static int compress(SSL *ssl, CBB *out, const uint8_t *in, size_t in_len)
{
    (void)ssl;
    return CBB_add_bytes(out, in, in_len);
}

static int decompress(SSL *ssl, CRYPTO_BUFFER **out, size_t uncompressed_len, const uint8_t *in,
                      size_t in_len)
{
    (void)ssl;
    *out = CRYPTO_BUFFER_new(in, in_len, NULL);
    return *out != NULL && uncompressed_len == in_len;
}

static void add_ech_keys(SSL_CTX *context)
{
    uint8_t *config = NULL;
    size_t config_len = 0;
    EVP_HPKE_KEY *key = EVP_HPKE_KEY_new();
    SSL_ECH_KEYS *keys = SSL_ECH_KEYS_new();
    require(key != NULL && keys != NULL);
    require(EVP_HPKE_KEY_generate(key, EVP_hpke_x25519_hkdf_sha256()) == 1);
    require(SSL_marshal_ech_config(&config, &config_len, 1, key, "public.example", 16) == 1);
    require(SSL_ECH_KEYS_add(keys, 1, config, config_len, key) == 1);
    require(SSL_CTX_set1_ech_keys(context, keys) == 1);
    OPENSSL_free(config);
    SSL_ECH_KEYS_free(keys);
    EVP_HPKE_KEY_free(key);
}

static void ask_for_certificate(SSL_CTX *context, bool is_needed)
{
    int mode = SSL_VERIFY_PEER | (is_needed ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
    SSL_CTX_set_custom_verify(context, mode, accept_any);
}

SSL_CTX *tls_peer_context(const struct tls_peer_options *options)
{
    static const uint8_t k_staple[] = {0x30, 0x03, 0x0a, 0x01, 0x06};
    static const uint8_t k_id[] = {'t', 'e', 's', 't'};
    SSL_CTX *context = SSL_CTX_new(TLS_with_buffers_method());
    require(context != NULL);
    set_certificate(context, options->num_copies);
    uint16_t version = options->max_version == 0 ? TLS1_3_VERSION : options->max_version;
    uint16_t least = options->min_version == 0 ? TLS1_VERSION : options->min_version;
    require(SSL_CTX_set_min_proto_version(context, least) == 1);
    require(SSL_CTX_set_max_proto_version(context, version) == 1);
    require(options->groups == NULL || SSL_CTX_set1_curves_list(context, options->groups) == 1);
    /* Without it a server that asks for certificates gives no tickets. */
    require(SSL_CTX_set_session_id_context(context, k_id, sizeof k_id) == 1);
    SSL_CTX_set_early_data_enabled(context, options->takes_early_data);
    SSL_CTX_set_options(context, options->has_no_tickets ? SSL_OP_NO_TICKET : 0);
    if (options->asks_certificate || options->needs_certificate) {
        ask_for_certificate(context, options->needs_certificate);
    }
    if (options->staples) {
        require(SSL_CTX_set_ocsp_response(context, k_staple, sizeof k_staple) == 1);
    }
    if (options->negotiates_alpn) {
        SSL_CTX_set_alpn_select_cb(context, select_h2, NULL);
    }
    if (options->has_ech) {
        add_ech_keys(context);
    }
    require(!options->compresses ||
            SSL_CTX_add_cert_compression_alg(context, TLSEXT_cert_compression_brotli, compress,
                                             decompress) == 1);
    return context;
}

void tls_peer_init(struct tls_peer *peer, const struct tls_peer_options *options)
{
    *peer = (struct tls_peer){.context = options->context};
    if (options->context != NULL) {
        SSL_CTX_up_ref(options->context);
    } else {
        peer->context = tls_peer_context(options);
    }
    peer->ssl = SSL_new(peer->context);
    require(peer->ssl != NULL);
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    require(in != NULL && out != NULL);
    SSL_set_bio(peer->ssl, in, out);
    peer->greets = options->greets;
    peer->answers_goodbye = options->answers_goodbye;
    SSL_set_accept_state(peer->ssl);
}

void tls_peer_feed(struct tls_peer *peer, const uint8_t *bytes, size_t len)
{
    uint8_t sink[256];
    size_t heard_len = strlen(peer->heard);
    require(BIO_write(SSL_get_rbio(peer->ssl), bytes, (int)len) == (int)len);
    if (!peer->is_done) {
        peer->is_done = SSL_do_handshake(peer->ssl) == 1;
        if (peer->is_done && peer->greets) {
            (void)SSL_write(peer->ssl, "220\r\n", 5);
        }
    }
    while (peer->is_done) { /* close_notify is taken in */
        int got = SSL_read(peer->ssl, sink, sizeof sink);
        if (got <= 0) {
            if (peer->answers_goodbye && SSL_get_error(peer->ssl, got) == SSL_ERROR_ZERO_RETURN) {
                (void)SSL_shutdown(peer->ssl);
            }
            break;
        }
        for (int i = 0; i < got && heard_len + 1 < sizeof peer->heard; i++) {
            peer->heard[heard_len++] = (char)sink[i];
        }
    }
    ERR_clear_error();
}

uint8_t *tls_peer_take(struct tls_peer *peer, size_t *out_len)
{
    const uint8_t *bytes = NULL;
    size_t len = 0;
    require(BIO_mem_contents(SSL_get_wbio(peer->ssl), &bytes, &len) == 1);
    uint8_t *copy = malloc(len + 1);
    require(copy != NULL);
    if (len > 0) { /* without any there need be no memory */
        memcpy(copy, bytes, len);
    }
    (void)BIO_reset(SSL_get_wbio(peer->ssl));
    *out_len = len;
    return copy;
}

void tls_peer_cleanup(struct tls_peer *peer)
{
    SSL_free(peer->ssl);
    SSL_CTX_free(peer->context);
    *peer = (struct tls_peer){0};
}
