/*
 * The one struct that travels: everything learned about one endpoint in one scan. A worker fills
 * it, the writer stores it and frees it.
 */
#ifndef TLSCENSUS_OBSERVATION_H
#define TLSCENSUS_OBSERVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/chain.h"
#include "tlscensus/features.h"
#include "tlscensus/outcome.h"
#include "tlscensus/status.h"
#include "tlscensus/tristate.h"

#define TC_TIME_UNKNOWN     (-1) /* an interval that was not measured: NULL in the database */
#define TC_BYTES_UNKNOWN    (-1) /* a size that was not measured: likewise */
#define TC_ADDRESS_TEXT_MAX 64   /* an address as text with its zone, NUL included */
#define TC_ALPN_MAX         256  /* RFC 7301 section 3.1: 255 octets, and a NUL */

/* One handshake message as a packet list would show it. */
struct tc_message {
    bool from_server;
    uint8_t type; /* RFC 8446 section 4: handshake type; 254 ChangeCipherSpec, 253 alert (ours) */
    uint32_t size_bytes;
    uint32_t offset_us; /* since the ClientHello was handed to the socket */
};

/* Monotonic microseconds; TC_TIME_UNKNOWN where not reached. */
struct tc_timing {
    int64_t dns_us; /* also unknown for literals, the hosts file and cache hits */
    int64_t connect_us;
    int64_t starttls_us;
    int64_t server_hello_us; /* last byte of the ClientHello sent → first byte back */
    int64_t handshake_us;    /* connected (or STARTTLS agreed) → done */
    int64_t total_us;        /* the sum of dns, connect, starttls and handshake that are known */
    int64_t own_us;          /* our own CPU inside SSL_do_handshake, part of handshake_us */
    int64_t loop_lag_us;     /* how late our event loop was at worst meanwhile: not in the above */
    int64_t rtt_us;          /* the kernel's TCP round trip when connected (tcpi_rtt) */
};

/* On what question a server presented another leaf than in its handshake. */
enum tc_chain_role {
    TC_CHAIN_OTHER_KEY =
        0,           /* the leaf of the other key type: RSA beside ECDSA, or ECDSA beside RSA */
    TC_CHAIN_NO_SNI, /* no server name was sent */
    TC_CHAIN_UNKNOWN_SNI, /* a name that it cannot know */
    TC_CHAIN_ROLE_COUNT
};
/* "other-key", "no-sni", "unknown-sni": column other_chain.role. Static. */
const char *tc_chain_role_str(enum tc_chain_role role);

struct tc_other_chain {
    enum tc_chain_role role;
    struct tc_chain *chain; /* one reference */
    enum tc_tristate name_match;
};

struct tc_observation {
    int64_t target_id;
    uint32_t
        endpoints_count; /* addresses that the lookup gave, at least 1; all rows say the same */
    char address[TC_ADDRESS_TEXT_MAX]; /* "" where the name did not resolve */
    char *cname_chain;                 /* names after the first, separated by a space; or NULL */
    int64_t observed_s;                /* wall clock, seconds since 1970-01-01 UTC */

    enum tc_outcome outcome;
    enum tc_stage stage;
    char *detail; /* one line in words; NULL for ok */
    unsigned attempts;
    unsigned connections;
    uint64_t read_bytes;
    int64_t starttls_leftover_bytes; /* in the clear behind the server's go to TLS, where TLS should
                                        be; TC_BYTES_UNKNOWN where there was no go */
    struct tc_timing timing;

    /* What the handshake agreed on; 0 where it did not get there. IANA code points. */
    uint16_t tls_version;
    uint16_t cipher;
    uint16_t kx_group;
    uint16_t signature_scheme; /* of the server's key exchange or CertificateVerify */
    char alpn[TC_ALPN_MAX];    /* "" where none was agreed */
    size_t alpn_len;
    enum tc_tristate ocsp_stapled;
    enum tc_tristate client_certificate_requested;
    enum tc_tristate hello_retry;
    uint32_t sct_count_tls; /* SCTs in the handshake; those in the certificate are its facts */

    struct tc_chain *chain; /* one reference; NULL where no certificate was seen */
    enum tc_tristate name_match;
    enum tc_tristate cn_match; /* the common name alone would have matched: finding cert-cn-only */
    struct tc_message *messages; /* with keep_messages only */
    size_t num_messages;

    /* The survey's; none in profile quick. */
    struct tc_features features;
    struct tc_other_chain *other_chains;
    size_t num_other_chains;
};

/* tc_observation_new gives the zero state: unknown times and tristates. NULL when out of memory. */
struct tc_observation *tc_observation_new(void);
/* tc_observation_free drops its references too. Any thread. */
void tc_observation_free(struct tc_observation *observation);

#endif
