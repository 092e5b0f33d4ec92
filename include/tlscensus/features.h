/*
 * What an endpoint was found to support: the survey's result, one row for each thing that was
 * asked. Like servers have equal features, so the store keeps each set once.
 */
#ifndef TLSCENSUS_FEATURES_H
#define TLSCENSUS_FEATURES_H

#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"
#include "tlscensus/tristate.h"

/* What a feature's code counts; column feature.kind. */
enum tc_feature_kind {
    TC_FEATURE_VERSION = 0, /* code: ProtocolVersion. All six have a row */
    TC_FEATURE_CIPHER,      /* code: suite; version: the protocol version it was asked in */
    TC_FEATURE_GROUP,       /* code: group; version: TLS 1.3, or TLS 1.2 for all below */
    TC_FEATURE_SIGNATURE,   /* code: scheme the server signs with; version: TLS 1.3 or TLS 1.2 */
    TC_FEATURE_ALPN,        /* code: ours, see the registry's kind alpn */
    TC_FEATURE_TRAIT,       /* code: enum tc_trait */
    TC_FEATURE_DH, /* code: enum tc_dh_offer; value: bits of p; text: its name, or SHA-256 */
    TC_FEATURE_FINGERPRINT, /* code: enum tc_fingerprint; text: the fingerprint */
    TC_FEATURE_KIND_COUNT
};
/* "version", "cipher", … Static. */
const char *tc_feature_kind_str(enum tc_feature_kind kind);

/*
 * Traits: yes, no, or not measured (then the text says why). The numbers are stored; their names
 * are the registry's kind `trait`.
 */
enum tc_trait {
    TC_TRAIT_EXTENDED_MASTER_SECRET = 1, /* RFC 7627, at TLS 1.2 and below, as the next two */
    TC_TRAIT_ENCRYPT_THEN_MAC = 2,       /* RFC 7366 */
    TC_TRAIT_SECURE_RENEGOTIATION = 3,   /* RFC 5746 */
    TC_TRAIT_CLIENT_RENEGOTIATION = 4,   /* --intrusive: the server lets clients renegotiate */
    TC_TRAIT_SESSION_TICKET = 5,         /* value: the longest lifetime seen, in seconds */
    TC_TRAIT_SESSION_ID_RESUMPTION = 6,  /* RFC 5246 section 7.3 */
    TC_TRAIT_TICKET_RESUMPTION = 7,      /* RFC 5077 */
    TC_TRAIT_PSK_RESUMPTION = 8,         /* RFC 8446 section 2.2 */
    TC_TRAIT_EARLY_DATA = 9,             /* value: max_early_data_size in bytes */
    TC_TRAIT_COMPRESSION = 10,           /* RFC 3749: DEFLATE is chosen */
    TC_TRAIT_HEARTBEAT = 11,             /* RFC 6520 */
    TC_TRAIT_RECORD_SIZE_LIMIT = 12,     /* RFC 8449; value: the limit in bytes */
    TC_TRAIT_FALLBACK_SCSV = 13,         /* RFC 7507 is honoured */
    TC_TRAIT_DOWNGRADE_SENTINEL =
        14, /* RFC 8446 section 4.1.3; version: at which it was looked for */
    TC_TRAIT_CLIENT_CERTIFICATE_REQUEST = 15,   /* RFC 5246 section 7.4.4 */
    TC_TRAIT_CERTIFICATE_COMPRESSION_ZLIB = 16, /* RFC 8879 */
    TC_TRAIT_CERTIFICATE_COMPRESSION_BROTLI = 17,
    TC_TRAIT_CERTIFICATE_COMPRESSION_ZSTD = 18,
    TC_TRAIT_ECH_RETRY_CONFIGS = 19, /* RFC 9849: answers GREASE ECH with configurations */
    TC_TRAIT_CIPHER_ORDER = 20,      /* yes: the server's; no: the client's. version: in which */
    TC_TRAIT_GROUP_ORDER = 21,       /* likewise */
    TC_TRAIT_NO_SNI_ANSWERED = 22,   /* a hello without server name gets a certificate */
    TC_TRAIT_NO_SNI_SAME_CERTIFICATE = 23,
    TC_TRAIT_UNKNOWN_SNI_ANSWERED = 24, /* a hello for a name that the server cannot know */
    TC_TRAIT_UNKNOWN_SNI_SAME_CERTIFICATE = 25,
    TC_TRAIT_ECDSA_CERTIFICATE = 26, /* a leaf with an EC or EdDSA key is served */
    TC_TRAIT_RSA_CERTIFICATE = 27,
    TC_TRAIT_VERSION_TOLERANCE = 28,   /* an unknown version is answered with a known one */
    TC_TRAIT_EXTENSION_TOLERANCE = 29, /* GREASE, RFC 8701; text: which value was not tolerated */
    TC_TRAIT_LARGE_HELLO_TOLERANCE = 30,
    TC_TRAIT_SPLIT_HELLO_TOLERANCE = 31, /* a hello in two segments */
    TC_TRAIT_ALPN_STRICT = 32,           /* an unknown protocol is refused */
    TC_TRAIT_DH_KEY_REUSE = 33,          /* two connections met the same DHE key */
    TC_TRAIT_STATUS_REQUEST = 34,        /* RFC 6066 section 8 is acknowledged */
    TC_TRAIT_SCT_EXTENSION = 35,         /* RFC 6962 section 3.3.1 */
    TC_TRAIT_NPN = 36,                   /* next_protocol_negotiation, a draft */
    TC_TRAIT_CONSISTENT = 37,            /* no: equal questions were answered differently */
    TC_TRAIT_HEARTBEAT_UNPADDED = 38,    /* --intrusive heartbeat: text says what came back */
    TC_TRAIT_EARLY_CCS = 39,             /* --intrusive ccs: an early ChangeCipherSpec is taken */
    TC_TRAIT_HTTP_UPGRADE = 40,          /* --intrusive http-upgrade: RFC 2817 */
    TC_TRAIT_CIPHERS_COMPLETE = 41, /* suites without a row are not supported. version: in which */
    TC_TRAIT_GROUPS_COMPLETE = 42,  /* likewise, for groups */
    TC_TRAIT_SIGNATURES_COMPLETE = 43, /* likewise, for signature schemes */
    TC_TRAIT_ALPN_COMPLETE = 44,       /* likewise, for ALPN; of those that are asked at all */
    TC_TRAIT_SURVEY_COMPLETE = 45,     /* no: the text says why the rest was not measured */
    TC_TRAIT_POST_QUANTUM = 46         /* a hybrid or pure ML-KEM group is accepted */
};

enum tc_dh_offer {
    TC_DH_CONFIGURED = 1, /* no group was named: the server's own parameters */
    TC_DH_NAMED = 2,      /* only the groups of RFC 7919 were offered */
    TC_DH_EXPORT = 3      /* with an export suite */
};

enum tc_fingerprint { TC_FINGERPRINT_JARM = 1, TC_FINGERPRINT_JA3S = 2 };

#define TC_FEATURE_NO_VALUE INT64_C(-1)

struct tc_feature {
    enum tc_feature_kind kind;
    uint16_t version; /* ProtocolVersion; 0 where it plays no part */
    /* The server's preference, from 1; of signatures, among those of one kind of key. 0: none. */
    uint16_t rank;
    uint32_t code;
    enum tc_tristate supported;
    int64_t value; /* what the kind or trait says; TC_FEATURE_NO_VALUE where there is none */
    char *text;    /* owned by the set; NULL where there is none */
};

/* Caller's memory. The zero state is the empty set. */
struct tc_features {
    struct tc_feature *items; /* sorted by kind, version, code */
    size_t num_items;
    size_t capacity;
};
/*
 * tc_features_put adds a feature, or replaces the one with its kind, version and code. The text is
 * copied.
 * Errors: TC_ERR_NOMEM, TC_ERR_LIMIT (more than 4,096 features, or a text of more than 4,096
 * bytes).
 */
TC_MUST_USE enum tc_status tc_features_put(struct tc_features *features,
                                           const struct tc_feature *feature);
/* NULL where it was not asked. Borrowed until the next put. */
const struct tc_feature *tc_features_find(const struct tc_features *features,
                                          enum tc_feature_kind kind, uint16_t version,
                                          uint32_t code);
/* Its value, TC_UNKNOWN where it was not asked. */
enum tc_tristate tc_features_get(const struct tc_features *features, enum tc_feature_kind kind,
                                 uint16_t version, uint32_t code);
/* tc_features_cleanup frees all and leaves the empty set. */
void tc_features_cleanup(struct tc_features *features);

#endif
