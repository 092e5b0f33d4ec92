/*
 * ClientHellos written by hand, so that anything can be said that a TLS library would not. Bytes
 * out; no socket, no clock, no randomness of their own.
 */
#ifndef TLSCENSUS_HELLO_H
#define TLSCENSUS_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

#define TC_HELLO_RANDOM_BYTES     32
#define TC_HELLO_MAX_SUITES       130  /* some peers fail at 128 and more: callers stay below */
#define TC_HELLO_EXTENSIONS_BYTES 6144 /* two post-quantum shares and padding */
#define TC_HELLO_MAX_BYTES        7168 /* a whole hello with its record headers */

/* RFC 8446 section 4.2 and IANA's registry: those that a survey sends or reads. */
enum tc_extension {
    TC_EXTENSION_SERVER_NAME = 0,
    TC_EXTENSION_STATUS_REQUEST = 5,
    TC_EXTENSION_SUPPORTED_GROUPS = 10,
    TC_EXTENSION_POINT_FORMATS = 11,
    TC_EXTENSION_SIGNATURE_ALGORITHMS = 13,
    TC_EXTENSION_HEARTBEAT = 15,
    TC_EXTENSION_ALPN = 16,
    TC_EXTENSION_SCT = 18,
    TC_EXTENSION_PADDING = 21,
    TC_EXTENSION_ENCRYPT_THEN_MAC = 22,
    TC_EXTENSION_EXTENDED_MASTER_SECRET = 23,
    TC_EXTENSION_RECORD_SIZE_LIMIT = 28,
    TC_EXTENSION_SESSION_TICKET = 35,
    TC_EXTENSION_SUPPORTED_VERSIONS = 43,
    TC_EXTENSION_PSK_MODES = 45,
    TC_EXTENSION_KEY_SHARE = 51,
    TC_EXTENSION_NPN = 13172,
    TC_EXTENSION_RENEGOTIATION_INFO = 0xff01
};

/*
 * A ClientHello in the making, in caller's memory: about 6 KB, so it is filled when it is to be
 * sent. Extensions go out in the order in which they were added. `failed` sticks: add what there
 * is, then look at what tc_hello_write() says. An empty list fails the hello wherever its RFC wants
 * one entry at least; tc_hello_add_extension() can say it all the same.
 */
struct tc_hello {
    uint16_t record_version; /* of the record's header: 0x0301, or 0x0300 for SSL 3.0 */
    uint16_t legacy_version; /* of the hello: 0x0303 at most, but for tests of tolerance */
    uint8_t random[TC_HELLO_RANDOM_BYTES];
    uint8_t session_id[32];
    size_t session_id_len;
    uint16_t suites[TC_HELLO_MAX_SUITES]; /* in the order of preference, SCSVs among them */
    size_t num_suites;
    bool offers_compression; /* DEFLATE before null, else null alone */
    bool has_extensions;     /* no block of extensions at all where nothing was added */
    uint8_t extensions[TC_HELLO_EXTENSIONS_BYTES];
    size_t extensions_len;
    bool failed;
};

void tc_hello_init(struct tc_hello *hello, uint16_t record_version, uint16_t legacy_version,
                   const uint8_t random[TC_HELLO_RANDOM_BYTES]);
void tc_hello_add_suite(struct tc_hello *hello, uint16_t suite);
/* Any extension, whatever its type and body. */
void tc_hello_add_extension(struct tc_hello *hello, uint16_t type, const uint8_t *body,
                            size_t body_len);
/* RFC 6066 section 3: an A-label in lower case without trailing dot. */
void tc_hello_add_server_name(struct tc_hello *hello, const char *name);
void tc_hello_add_groups(struct tc_hello *hello, const uint16_t *groups, size_t num_groups);
/* RFC 8422 section 5.1.2: uncompressed alone. */
void tc_hello_add_point_formats(struct tc_hello *hello);
void tc_hello_add_signature_algorithms(struct tc_hello *hello, const uint16_t *schemes,
                                       size_t num_schemes);
/* RFC 7301 section 3.1. An empty name or one of more than 255 bytes fails the hello. */
void tc_hello_add_alpn(struct tc_hello *hello, const char *const *names, size_t num_names);
void tc_hello_add_status_request(struct tc_hello *hello);
/* RFC 8446 section 4.2.1. */
void tc_hello_add_versions(struct tc_hello *hello, const uint16_t *versions, size_t num_versions);
/* RFC 8446 section 4.2.9: psk_dhe_ke. */
void tc_hello_add_psk_modes(struct tc_hello *hello);
/*
 * RFC 8446 section 4.2.8. Shares in the order given; `keys[i]` of `key_lens[i]` bytes. None at all
 * asks for a HelloRetryRequest (section 4.1.2).
 */
struct tc_key_share {
    uint16_t group;
    const uint8_t *key;
    size_t key_len;
};
void tc_hello_add_key_shares(struct tc_hello *hello, const struct tc_key_share *shares,
                             size_t num_shares);
/* RFC 5746 section 3.4: the first handshake's empty renegotiation_info. */
void tc_hello_add_renegotiation_info(struct tc_hello *hello);
/*
 * RFC 7685: tc_hello_pad adds a padding extension that brings the handshake message (its four
 * header bytes included) to at least `handshake_bytes`. Nothing where it is as long already. The
 * padding is one byte at least, so where less than five are missing the message grows past it.
 */
void tc_hello_pad(struct tc_hello *hello, size_t handshake_bytes);
/* The handshake message's length as it stands, its header included. */
size_t tc_hello_handshake_bytes(const struct tc_hello *hello);

/*
 * tc_hello_write writes the hello as one record.
 *
 * Errors: TC_ERR_LIMIT (something did not fit, here or when it was added, or `capacity` is too
 *         small).
 * Spec:   RFC 8446 section 4.1.2; RFC 6101 section 5.6.1.2 for SSL 3.0.
 */
TC_MUST_USE enum tc_status tc_hello_write(const struct tc_hello *hello, uint8_t *out,
                                          size_t capacity, size_t *out_len);

/*
 * tc_hello_write_ssl2 writes an SSL 2.0 CLIENT-HELLO with all of its seven cipher specs and the one
 * that SSLeay added (RC4_64_WITH_MD5), and a challenge of 16 bytes.
 *
 * Errors: TC_ERR_LIMIT (`capacity` is too small).
 * Spec:   "The SSL Protocol" (Netscape, 1995), CLIENT-HELLO.
 */
TC_MUST_USE enum tc_status tc_hello_write_ssl2(uint8_t *out, size_t capacity, size_t *out_len,
                                               const uint8_t challenge[16]);

/* GREASE values of RFC 8701 section 2: 0x0A0A + 0x1010 * (index modulo 16). */
uint16_t tc_grease_value(unsigned index);

/*
 * tc_key_share_fill makes the client's share of `group` from 64 bits of seed: right in length and
 * form, so that a server that checks it finds nothing wrong, though nobody knows its secret.
 * X25519, X448 and the ML-KEM groups and their hybrids (FIPS 203 section 7.2: coefficients below
 * 3329, 12 bits each). Returns its length; 0 for groups whose shares need arithmetic (NIST curves),
 * or that do not fit.
 */
size_t tc_key_share_fill(uint8_t *out, size_t capacity, uint16_t group, uint64_t seed);

#endif
