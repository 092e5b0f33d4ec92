/*
 * The server's first flight, as far as it comes in the clear: what it answers to a ClientHello.
 * Bytes in, facts out. Every byte is hostile.
 */
#ifndef TLSCENSUS_FLIGHT_H
#define TLSCENSUS_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/buf.h"
#include "tlscensus/status.h"

enum tc_flight_state {
    TC_FLIGHT_READING = 0,  /* more is needed */
    TC_FLIGHT_HELLO_RETRY,  /* RFC 8446 section 4.1.4: version, suite and group are known */
    TC_FLIGHT_SERVER_HELLO, /* TLS 1.3: what follows is encrypted */
    TC_FLIGHT_HELLO_DONE,   /* TLS 1.2 and below: the whole flight */
    TC_FLIGHT_ALERT,        /* a fatal alert: `alert` */
    TC_FLIGHT_SSL2_HELLO,   /* an SSL 2.0 SERVER-HELLO */
    TC_FLIGHT_SSL2_ERROR,   /* an SSL 2.0 ERROR message */
    TC_FLIGHT_NOT_TLS,      /* no TLS record, nor SSL 2.0 */
    TC_FLIGHT_MALFORMED,    /* TLS, but against its rules; `problem` says how */
    TC_FLIGHT_TOO_LARGE     /* past a cap, or memory ran out; `problem` says which */
};

#define TC_FLIGHT_MAX_EXTENSIONS 48
#define TC_FLIGHT_MAX_SPECS      32
#define TC_FLIGHT_ALPN_MAX       256

/* What the key exchange of TLS 1.2 and below showed. */
enum tc_flight_exchange {
    TC_EXCHANGE_NONE = 0,
    TC_EXCHANGE_ECDHE,
    TC_EXCHANGE_DHE,
    TC_EXCHANGE_RSA_EXPORT,
    TC_EXCHANGE_OTHER
};

struct tc_flight {
    enum tc_flight_state state;
    const char *problem; /* static; with MALFORMED and TOO_LARGE, else NULL */

    /* From ServerHello or HelloRetryRequest. */
    bool has_hello; /* the fields below mean something; SSL 2.0: `version` and `specs` alone */
    uint16_t record_version; /* of the first record; no evidence of support */
    uint16_t legacy_version; /* the hello's own field */
    uint16_t version;        /* negotiated: extension supported_versions, else the field */
    uint32_t suite;
    uint8_t compression;
    uint8_t random[32];
    uint8_t session_id_len;
    uint16_t group; /* key_share of TLS 1.3, or the named curve of ServerKeyExchange; 0: none */
    uint16_t extensions[TC_FLIGHT_MAX_EXTENSIONS]; /* in the server's order */
    size_t num_extensions;
    char alpn[TC_FLIGHT_ALPN_MAX]; /* "" where none was chosen; NUL in a name is malformed */
    uint16_t record_size_limit;    /* 0: not acknowledged */

    /* TLS 1.2 and below. */
    size_t num_certificates;
    bool has_certificate_request;
    bool has_certificate_status;
    enum tc_flight_exchange exchange;
    uint16_t signature_scheme; /* of ServerKeyExchange in TLS 1.2; 0: none */
    uint16_t dh_bits;          /* of p */
    uint8_t dh_p_sha256[32];   /* of p without leading zeros */
    uint32_t dh_g;             /* 0 where it is longer than four bytes */
    uint8_t dh_y_sha256[32];   /* of the server's public value without leading zeros */

    /* SSL 2.0. */
    uint32_t specs[TC_FLIGHT_MAX_SPECS];
    size_t num_specs;

    uint8_t alert;        /* description of the fatal one */
    uint8_t num_warnings; /* warning alerts before (RFC 6066 section 3) */
    uint8_t last_warning; /* description */
    size_t read_bytes;    /* of the answer, up to what settled it */

    /* Kept on request (tc_flight_init): raw bodies, owned by the flight. */
    struct tc_buf certificates; /* body of Certificate without its message header; or the DER of
                                   SSL 2.0, behind two lengths of 3 bytes as if it were one */
    struct tc_buf
        ca_names; /* certificate_authorities of CertificateRequest, from after its length */

    /* Private. */
    bool keep_certificates;
    bool allows_ssl2;
    size_t max_bytes;
    unsigned num_messages;
    unsigned num_idle_records;
    unsigned last_place;     /* of the last message in the order of the flight */
    struct tc_buf pending;   /* of the record that is not whole yet */
    struct tc_buf handshake; /* of the handshake message that is not whole yet */
};

struct tc_flight_options {
    size_t max_bytes;       /* all bytes of the answer at most */
    bool keep_certificates; /* fill `certificates` and `ca_names` */
    bool allows_ssl2;       /* our hello was one of SSL 2.0 */
};

void tc_flight_init(struct tc_flight *flight, const struct tc_flight_options *options);
/*
 * tc_flight_feed takes the next bytes of the answer and says how far it is. Once the state is not
 * READING, further bytes change nothing. An end of stream or silence while READING is the caller's
 * to judge: `has_hello` and `num_warnings` tell what came before. Spec: RFC 8446
 * sections 4.1.3, 4.1.4, 5.1; RFC 5246 section 7.4; RFC 8422 section 5.4; RFC 6101; "The SSL
 * Protocol" (1995) for SSL 2.0.
 */
enum tc_flight_state tc_flight_feed(struct tc_flight *flight, const uint8_t *bytes, size_t len);
/* Whether the server acknowledged this extension. */
bool tc_flight_has_extension(const struct tc_flight *flight, uint16_t type);
/* RFC 8446 section 4.1.3: 0 none, 2 for a downgrade to TLS 1.2, 1 for one to TLS 1.1 or below. */
unsigned tc_flight_sentinel(const struct tc_flight *flight);
/* SHA-256 of the leaf, of kept certificates; false where there is none. */
bool tc_flight_leaf_sha256(const struct tc_flight *flight, uint8_t out[32]);
void tc_flight_cleanup(struct tc_flight *flight);

#endif
