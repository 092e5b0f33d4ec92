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
#include "tlscensus/survey.h"
#include "tlscensus/target.h"

/* What all handshakes of a run share. Immutable once made: any thread may use it. */
struct tc_tls {
    SSL_CTX *with_alpn; /* https and tls: h2 and http/1.1 are offered */
    SSL_CTX *without_alpn;
    SSL_CTX *compressing;     /* surveys: certificate compression is offered, no ALPN */
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

/* What a handshake is to be. */
struct tc_handshake_plan {
    enum tc_protocol protocol;
    const char *server_name; /* for SNI; NULL sends none */
    bool keep_messages;
    bool for_survey; /* facts are gathered; without a wish, the session is kept too */
    const struct tc_handshake_wish *wish; /* how it differs from the endpoint's own; or NULL */
    SSL_SESSION *session;                 /* to be offered again, where the wish resumes; or NULL */
};

/* Caller's memory, which stays where it is meanwhile. The zero state is: not begun. */
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
    bool keeps_session;
    bool is_done;
    bool has_parted;                  /* our close_notify was written */
    bool heard_end;                   /* the server's answer to it, so that nothing more can come */
    struct tc_handshake_facts *facts; /* as they come in; NULL where no survey asks */
    SSL_SESSION *session;             /* the newest that can be offered again */
    struct tc_renegotiation *renegotiation; /* handshake_renegotiation.c */
    struct tc_message *messages;
    size_t num_messages;
};

/*
 * tc_handshake_start makes the SSL for a connection. The plan's texts are borrowed for the call.
 * Errors: TC_ERR_NOMEM, TC_ERR_TLS (a wish that the library cannot fulfil).
 */
TC_MUST_USE enum tc_status tc_handshake_start(struct tc_handshake *handshake,
                                              const struct tc_tls *tls,
                                              struct tc_connection *connection,
                                              const struct tc_handshake_plan *plan);
/* tc_handshake_advance goes as far as the bytes that are there allow, and sends what comes of it
   into the connection's scratch: the caller flushes. */
enum tc_handshake_result tc_handshake_advance(struct tc_handshake *handshake);
/*
 * Whether more is to be read after a handshake that is done: in TLS 1.3 a server that asked for a
 * client certificate judges our having none only after our Finished (RFC 8446 section 4.4.2.4), and
 * its tickets come then too (section 4.6.1); or it is asked to renegotiate.
 */
bool tc_handshake_awaits_answer(const struct tc_handshake *handshake);
/* Whether a ticket of TLS 1.3 is wanted and has not come: older ones are part of the handshake. */
bool tc_handshake_awaits_ticket(const struct tc_handshake *handshake);
/*
 * tc_handshake_listen reads on after the handshake. DONE: all that was awaited has come. FAILED:
 * the server has refused us or is gone; only where it asked for a certificate does that count.
 */
enum tc_handshake_result tc_handshake_listen(struct tc_handshake *handshake);
/*
 * tc_handshake_farewell writes close_notify where the handshake is done; before it, inside of TLS,
 * the protocol's last words (`words_len` 0: none). A second call says nothing. What the server
 * answers can still be heard (RFC 8446 section 6.1).
 */
void tc_handshake_farewell(struct tc_handshake *handshake, const uint8_t *words, size_t words_len);
/* tc_handshake_record writes what was agreed on into the observation; messages move there. */
void tc_handshake_record(struct tc_handshake *handshake, struct tc_observation *observation);

/* What certificates are read with. All is borrowed. */
struct tc_chain_reader {
    struct tc_cert_memory *memory;
    const struct tc_scan_options *options;
    const char *reference_name;
};
/* A presented chain and what it means for the name. */
struct tc_read_chain {
    struct tc_chain *chain; /* one reference; NULL where no certificate came */
    enum tc_tristate name_match;
    enum tc_tristate cn_match;
};
/*
 * tc_handshake_read_chain reads the presented chain, as far as certificates came, also after a
 * failed handshake.
 *
 * Errors: TC_ERR_LIMIT (more or larger certificates than the caps: no chain), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_handshake_read_chain(const struct tc_handshake *handshake,
                                                   struct tc_read_chain *out,
                                                   const struct tc_chain_reader *reader);
/*
 * tc_message_read_chain does it with the body of a Certificate message of TLS 1.2 or below (RFC
 * 5246 section 7.4.2). Errors: as above.
 */
TC_MUST_USE enum tc_status tc_message_read_chain(const uint8_t *body, size_t len,
                                                 struct tc_read_chain *out,
                                                 const struct tc_chain_reader *reader);
/*
 * tc_handshake_leaf gives the facts of the leaf that was presented. The caller gets one reference.
 * Errors: TC_ERR_END (none was), TC_ERR_LIMIT, TC_ERR_NOMEM, TC_ERR_MALFORMED.
 */
TC_MUST_USE enum tc_status tc_handshake_leaf(const struct tc_handshake *handshake,
                                             struct tc_cert **out,
                                             const struct tc_chain_reader *reader);
/* tc_handshake_get_facts tells what a survey wants to know of a handshake that was for one. */
void tc_handshake_get_facts(const struct tc_handshake *handshake, struct tc_handshake_facts *out,
                            const struct tc_chain_reader *reader);
void tc_handshake_cleanup(struct tc_handshake *handshake);

/* tc_handshake_explain says how a failed handshake ended, with one line in words. */
enum tc_outcome tc_handshake_explain(const struct tc_handshake *handshake,
                                     char detail[TC_DETAIL_MAX]);
/* Whether the peer's first bytes cannot be a TLS record (RFC 8446 section 5.1). */
bool tc_bytes_are_not_tls(const uint8_t *bytes, size_t len);
/* Whether they are an ERROR of SSL 2.0, complete. */
bool tc_bytes_are_ssl2_error(const uint8_t *bytes, size_t len);
/* tc_describe_bytes says what they look like instead: "an SSH server (SSH-2.0-…)". */
void tc_describe_bytes(char detail[TC_DETAIL_MAX], const uint8_t *bytes, size_t len);

#endif
