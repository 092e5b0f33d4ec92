/*
 * One BoringSSL handshake that only observes: nothing aborts it but the protocol itself, and what
 * it met becomes facts. Spec: RFC 8446 section 4, RFC 5246 section 7.4.
 */
#ifndef TC_SCANNER_HANDSHAKE_H
#define TC_SCANNER_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "connection.h"
#include "tlscensus/observation.h"
#include "tlscensus/scan.h"
#include "tlscensus/target.h"

/* What all handshakes of a run share. Immutable once made: any thread may use it. */
struct tc_tls {
    SSL_CTX *with_alpn; /* https and tls: h2 and http/1.1 are offered */
    SSL_CTX *without_alpn;
    CRYPTO_BUFFER_POOL *pool; /* equal certificates are one buffer */
    BIO_METHOD *bio_method;
};
/* Errors: TC_ERR_TLS, TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status tc_tls_new(struct tc_tls **out, const struct tc_scan_options *options);
/* After all handshakes and certificate memories. */
void tc_tls_free(struct tc_tls *tls);

/* Certificates that this worker met as a pool's buffer: intermediates are looked up by pointer. */
#define TC_CERT_MEMORY 64
struct tc_cert_memory {
    struct {
        CRYPTO_BUFFER *buffer; /* one reference: so the pointer stays this certificate's */
        struct tc_cert *cert;  /* one reference */
    } known[TC_CERT_MEMORY];
};
void tc_cert_memory_cleanup(struct tc_cert_memory *memory);

enum tc_handshake_result {
    TC_HANDSHAKE_WAIT = 0, /* for the peer, or for room to write */
    TC_HANDSHAKE_DONE,
    TC_HANDSHAKE_FAILED /* tc_handshake_explain() says why */
};

/* Caller's memory. The zero state is: not begun. */
struct tc_handshake {
    SSL *ssl;
    struct tc_connection *connection; /* borrowed */
    int64_t own_us;                   /* inside SSL_do_handshake */
    int64_t hello_us;                 /* when the ClientHello was sent; -1 before */
    int64_t queued_us;                /* since then, the time that events waited in our own queue */
    uint32_t error; /* the library's packed error; 0: the connection ended instead */
    bool keep_messages;
    bool server_hello_seen;
    bool certificate_request_seen;
    bool ticket_seen;
    bool certificate_kept; /* scratch->certificate is this handshake's */
    bool is_done;
    struct tc_message *messages;
    size_t num_messages;
};

/*
 * tc_handshake_start makes the SSL on a connection that stands. `server_name` is for SNI; NULL
 * sends none.
 * Errors: TC_ERR_NOMEM, TC_ERR_TLS.
 */
TC_MUST_USE enum tc_status tc_handshake_start(struct tc_handshake *handshake,
                                              const struct tc_tls *tls,
                                              struct tc_connection *connection,
                                              enum tc_protocol protocol, const char *server_name,
                                              bool keep_messages);
/* tc_handshake_advance goes as far as the bytes that are there allow, and sends what comes of it
   into the connection's scratch: the caller flushes. */
enum tc_handshake_result tc_handshake_advance(struct tc_handshake *handshake);
/*
 * Whether a handshake that is done may still be refused: the server asked for a client certificate
 * and, in TLS 1.3, judges our having none only after our Finished (RFC 8446 section 4.4.2.4).
 */
bool tc_handshake_awaits_answer(const struct tc_handshake *handshake);
/*
 * tc_handshake_listen reads on after the handshake, where the server asked for a client
 * certificate: in TLS 1.3 its refusal comes only now. DONE: it accepts; FAILED: it does not.
 */
enum tc_handshake_result tc_handshake_listen(struct tc_handshake *handshake);
/*
 * tc_handshake_farewell writes close_notify where the handshake is done; before it, inside of TLS,
 * the protocol's last words (`words_len` 0: none).
 */
void tc_handshake_farewell(struct tc_handshake *handshake, const uint8_t *words, size_t words_len);
/* tc_handshake_record writes what was agreed on into the observation; messages move there. */
void tc_handshake_record(struct tc_handshake *handshake, struct tc_observation *observation);
/*
 * tc_handshake_record_chain writes the presented chain, its verdict and the name match, as far as
 * certificates came, also after a failed handshake.
 *
 * Errors: TC_ERR_LIMIT (more or larger certificates than the caps: no chain), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_handshake_record_chain(const struct tc_handshake *handshake,
                                                     struct tc_observation *observation,
                                                     struct tc_cert_memory *memory,
                                                     const struct tc_scan_options *options,
                                                     const char *reference_name);
void tc_handshake_cleanup(struct tc_handshake *handshake);

/* tc_handshake_explain says how a failed handshake ended, with one line in words. */
enum tc_outcome tc_handshake_explain(const struct tc_handshake *handshake,
                                     char detail[TC_DETAIL_MAX]);
/* Whether the peer's first bytes cannot be a TLS record (RFC 8446 section 5.1). */
bool tc_bytes_are_not_tls(const uint8_t *bytes, size_t len);
/* tc_describe_bytes says what they look like instead: "an SSH server (SSH-2.0-…)". */
void tc_describe_bytes(char detail[TC_DETAIL_MAX], const uint8_t *bytes, size_t len);

#endif
