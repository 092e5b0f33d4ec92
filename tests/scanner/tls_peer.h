/* A TLS server in memory: bytes in, bytes out. Whatever cannot be made aborts the test program. */
#ifndef TLS_PEER_H
#define TLS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "make_cert.h"

struct tls_peer_options {
    SSL_CTX *context; /* of tls_peer_context(), so that peers share their sessions; NULL: its own */
    uint16_t min_version; /* 0: TLS 1.0 */
    uint16_t max_version; /* 0: TLS 1.3 */
    const char *groups;   /* NULL: the library's */
    bool asks_certificate;
    bool needs_certificate; /* and refuses who has none */
    bool greets;            /* writes a line when the handshake is done, and its tickets with it */
    bool has_no_tickets;
    bool answers_goodbye; /* close_notify with its own, before which its tickets come */
    bool staples;
    bool negotiates_alpn;
    bool takes_early_data;
    bool has_ech;        /* keys for encrypted hellos: GREASE is answered with configurations */
    bool compresses;     /* its certificate, with brotli as far as anybody can tell */
    unsigned num_copies; /* of the chain's certificate are sent in addition */
};

struct tls_peer {
    SSL_CTX *context;
    SSL *ssl;
    bool is_done;
    bool greets;
    bool answers_goodbye;
    char heard[64]; /* what the client said inside, with a NUL */
};

/* The certificate that all peers have, for host.example; its issuer is peer_ca(). Borrowed. */
const struct made_cert *peer_cert(void);
const struct made_cert *peer_ca(void);
/* Frees both, at the end of a program. */
void peer_certs_cleanup(void);

/* What a peer with these options is made of. The caller frees it after all peers. */
SSL_CTX *tls_peer_context(const struct tls_peer_options *options);
void tls_peer_init(struct tls_peer *peer, const struct tls_peer_options *options);
/* The client's bytes. */
void tls_peer_feed(struct tls_peer *peer, const uint8_t *bytes, size_t len);
/* The server's answer so far, from malloc; `*out_len` 0 where there is none. */
uint8_t *tls_peer_take(struct tls_peer *peer, size_t *out_len);
void tls_peer_cleanup(struct tls_peer *peer);

#endif
