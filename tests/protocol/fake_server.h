/*
 * A TLS server in memory: a policy that a test can read, and the answers that follow from it. It
 * reads real bytes and writes real bytes, so that the hello's writer and the flight's reader are
 * tested with it. fake_hello.c reads, fake_choice.c decides, fake_flight.c writes, and
 * fake_handshake.c says what a real handshake with a library would have told.
 */
#ifndef TLSCENSUS_FAKE_SERVER_H
#define TLSCENSUS_FAKE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/survey_internal.h"

#define FAKE_SUITES 128
#define FAKE_GROUPS 24
#define FAKE_NAMES  8

/* What the certificate is that goes out. */
enum fake_leaf { FAKE_LEAF_NONE = 0, FAKE_LEAF_RSA, FAKE_LEAF_ECDSA };
enum { FAKE_HAS_RSA = 1 << FAKE_LEAF_RSA, FAKE_HAS_ECDSA = 1 << FAKE_LEAF_ECDSA };

/* What becomes of a hello without the server's name. */
enum fake_name { FAKE_SAME_CERTIFICATE = 0, FAKE_OTHER_CERTIFICATE, FAKE_NAME_REFUSED };

/* Extensions of TLS 1.2 and below that it acknowledges. Bits. */
enum fake_ack {
    FAKE_ACK_EMS = 1 << 0,
    FAKE_ACK_ETM = 1 << 1,
    FAKE_ACK_RENEGOTIATION = 1 << 2,
    FAKE_ACK_TICKET = 1 << 3,
    FAKE_ACK_SCT = 1 << 4,
    FAKE_ACK_HEARTBEAT = 1 << 5,
    FAKE_ACK_RECORD_SIZE = 1 << 6,
    FAKE_ACK_NPN = 1 << 7,
    FAKE_ACK_STATUS = 1 << 8
};

/* What it can resume. Bits. */
enum fake_resumes {
    FAKE_RESUMES_ID = 1 << 0,
    FAKE_RESUMES_TICKET = 1 << 1,
    FAKE_RESUMES_PSK = 1 << 2,
    FAKE_RESUMES_EARLY_DATA = 1 << 3 /* said in the ticket, and taken */
};

/* How a limiter answers when it has had enough. */
enum fake_limit {
    FAKE_LIMIT_RESET = 0,
    FAKE_LIMIT_SILENCE,
    FAKE_LIMIT_CLOSE,
    FAKE_LIMIT_UNREACHED,
    FAKE_LIMIT_ALERT, /* internal_error */
    FAKE_LIMIT_COUNT
};

/* How it says no. */
enum fake_refusal {
    FAKE_REFUSES_BY_ALERT = 0,
    FAKE_REFUSES_BY_CLOSE,
    FAKE_REFUSES_BY_RESET,
    FAKE_REFUSES_BY_SILENCE /* which nobody can tell from a dead server */
};

/* What it makes of an SSL 2.0 CLIENT-HELLO that it does not understand. */
enum fake_ssl2 { FAKE_SSL2_CLOSE = 0, FAKE_SSL2_ALERT, FAKE_SSL2_RESET, FAKE_SSL2_HTTP };

/* What it does not stand. Bits. */
enum fake_intolerance {
    FAKE_MINDS_VERSION = 1 << 0,  /* legacy_version above TLS 1.2 */
    FAKE_MINDS_VERSIONS = 1 << 1, /* an unknown one in supported_versions */
    FAKE_MINDS_SUITE = 1 << 2,    /* GREASE, as the rest */
    FAKE_MINDS_GROUP = 1 << 3,
    FAKE_MINDS_EXTENSION = 1 << 4,
    FAKE_MINDS_ALPN = 1 << 5,
    FAKE_MINDS_LARGE = 1 << 6, /* hellos above 1,400 bytes */
    FAKE_MINDS_SPLIT = 1 << 7,
    FAKE_MINDS_RIDERS = 1 << 8 /* next_protocol_negotiation */
};

/* What servers should not do. The zero state is a good one. */
struct fake_quirks {
    bool refuses_empty_shares; /* in TLS 1.3 a list of key shares must not be empty */
    bool wants_real_share;     /* nor hold none of a group that it knows */
    bool falls_back;           /* to the highest version with a suite in common */
    bool chooses_at_random;    /* among what it could choose */
    uint16_t always_suite;     /* chosen whatever was offered; 0: none */
    uint16_t always_group;     /* likewise */
    const char *always_alpn;   /* likewise, where any protocol names are; NULL: none */
    unsigned limit_after;      /* connections, then `limit` is all there is; 0: no limit */
    enum fake_limit limit;
    unsigned limit_for; /* connections, then all is well again; 0: for ever */
    enum fake_refusal refusal;
    uint16_t intolerant_above; /* refuses hellos whose legacy_version is higher; 0: none */
    unsigned minds;            /* bits of enum fake_intolerance */
    bool minds_by_silence;     /* else as it says no to anything */
    bool stops_after_hello;    /* below TLS 1.3 it hangs up behind its ServerHello */
    bool tickets_are_late;     /* those of TLS 1.3, for any wait */
};

struct fake_policy {
    const char *name;
    unsigned most_standard; /* connections that a survey may need, by profile */
    unsigned most_deep;
    /* Each version's suites in the server's order, ended by 0; none: the version is not spoken. */
    uint16_t suites[TC_LEVEL_COUNT][FAKE_SUITES];
    uint32_t ssl2_specs[FAKE_NAMES];
    bool speaks_ssl2;
    bool client_order; /* of suites */
    uint16_t groups13[FAKE_GROUPS];
    uint16_t groups12[FAKE_GROUPS];
    bool client_group_order;
    unsigned leaves;       /* bits: FAKE_HAS_RSA, FAKE_HAS_ECDSA */
    bool wants_leaf_curve; /* secp256r1 must be on offer for its ECDSA leaf */
    /* What it signs with, in its order, ended by 0. */
    uint16_t schemes12[FAKE_GROUPS];
    uint16_t schemes13[FAKE_GROUPS];
    bool client_scheme_order;
    const char *alpn[FAKE_NAMES];
    bool alpn_strict;
    bool honours_fallback;
    bool compresses;
    bool hides_sentinel;
    bool ignores_versions_extension; /* a library that has never heard of TLS 1.3 */
    bool alerts_handshake_failure;   /* where protocol_version is meant */
    enum fake_name no_name;
    enum fake_name unknown_name;
    unsigned acks;    /* bits of enum fake_ack */
    uint16_t dh_bits; /* of its own parameters; 0: the suites with DHE do not work */
    bool knows_ffdhe; /* RFC 7919 */
    bool reuses_dh_key;
    bool gives_session_ids;
    bool gives_tickets;
    unsigned resumes; /* bits of enum fake_resumes */
    bool asks_certificate;
    bool sends_warning; /* before its ServerHello */
    uint16_t certificate_compression;
    bool ech_retry;
    bool renegotiates;
    bool answers_short_heartbeat;
    bool takes_early_ccs;
    bool upgrades_http;
    enum fake_ssl2 ssl2;
    struct fake_quirks quirks;
};

/* A server that lives through one survey. */
struct fake_server {
    const struct fake_policy *policy;
    const struct fake_policy *other; /* each connection meets one of the two; NULL: one alone */
    uint64_t random;
    unsigned connections;
    uint16_t sessions[TC_SURVEY_SESSIONS]; /* of which version; 0: none */
    bool session_has_ticket[TC_SURVEY_SESSIONS];
    const struct tc_survey_reply *reply; /* to any follow-up; NULL: as the policy has it */
    const char *head;                    /* of the web server's answer; NULL: likewise */
};

/* JARM alone sends this extension (RFC 6066 section 4), so it tells its hellos from ours. */
#define FAKE_MAX_FRAGMENT_LENGTH 1

/* What a ClientHello says (fake_hello.c). */
struct fake_hello {
    uint16_t record_version;
    uint16_t legacy_version;
    uint8_t session_id[32];
    size_t session_id_len;
    uint16_t suites[256];
    size_t num_suites;
    bool offers_compression;
    uint16_t extensions[64];
    size_t num_extensions;
    char name[256]; /* "" where none was sent */
    uint16_t groups[128];
    size_t num_groups;
    uint16_t shares[16]; /* groups of the key shares */
    size_t num_shares;
    uint16_t schemes[128];
    size_t num_schemes;
    uint16_t versions[32];
    size_t num_versions;
    char alpn[16][64];
    size_t num_alpn;
    size_t bytes; /* the whole of it, record header included */
    bool is_split;
};
/* False where the bytes are no ClientHello that keeps the rules. */
bool fake_hello_read(struct fake_hello *out, const uint8_t *bytes, size_t len);
bool fake_hello_has(const struct fake_hello *hello, uint16_t extension);
/* Whether `number` is in the list. */
bool fake_has(const uint16_t *numbers, size_t num, uint16_t number);
/* How many there are before the 0. */
size_t fake_len(const uint16_t *numbers);

/* What a policy makes of a hello (fake_choice.c). */
struct fake_choice {
    uint8_t alert; /* 0: the hello is accepted */
    bool by_silence;
    uint16_t version;
    uint16_t suite;
    uint16_t group; /* 0: none plays a part */
    uint16_t scheme;
    enum fake_leaf leaf;
    enum fake_name name; /* whose certificate */
    const char *alpn;    /* NULL: none */
    bool is_retry;
};
#define FAKE_SERVER_NAME "host.example"
void fake_choose(struct fake_choice *out, const struct fake_policy *policy,
                 const struct fake_hello *hello, uint64_t *random);
/* The kind of leaf that a suite needs; FAKE_LEAF_NONE where it needs none. */
enum fake_leaf fake_suite_leaf(uint16_t suite);
/* The next number of a sequence that the seed decides. */
uint64_t fake_random(uint64_t *state);

/* What comes back, as bytes, and how the wait for more ends. */
struct fake_reply {
    enum tc_answer_end end;
    uint8_t bytes[8192];
    size_t len;
};
/* The flight of a choice that was not refused (fake_flight.c). */
void fake_flight_write(struct fake_reply *out, const struct fake_policy *policy,
                       const struct fake_hello *hello, const struct fake_choice *choice,
                       uint64_t *random);
void fake_alert_write(struct fake_reply *out, uint8_t alert);
void fake_ssl2_write(struct fake_reply *out, const struct fake_policy *policy);
/* The DER of a leaf, which is none: readers of flights do not look inside. */
size_t fake_leaf_der(uint8_t out[64], enum fake_leaf leaf, enum fake_name name);

/* What comes back for a follow-up. */
void fake_server_reply(const struct fake_server *server, struct tc_survey_reply *out,
                       const uint8_t *bytes, size_t len);
/* A web server's answer on port 80. Returns the length of its head. */
size_t fake_server_http(const struct fake_server *server, char *out, size_t capacity,
                        const char *request);
/* fake_server_answer answers one connection's hello. */
void fake_server_answer(struct fake_server *server, struct fake_reply *out, const uint8_t *bytes,
                        size_t len, bool is_split);
/*
 * fake_server_handshake plays a real handshake of a client that can what BoringSSL can. With
 * `wish` NULL it is the endpoint's own, which keeps its session in slot 0.
 */
enum tc_answer_end fake_server_handshake(struct fake_server *server, struct tc_handshake_facts *out,
                                         const struct tc_handshake_wish *wish);
/* Which policy the next connection meets; NULL where the limiter has it, and `*out` is set. */
const struct fake_policy *fake_server_connect(struct fake_server *server, struct fake_reply *out);

#endif
