/*
 * The survey of one endpoint: which hello to send next, and what the answers mean. A pure planner:
 * no socket, no clock, no randomness of its own. Whoever asks for it carries questions to the
 * server and brings answers back, several at once where the planner hands out several.
 *
 * The law: every fact is yes, no, or not measured. A `no` needs a refusal in TLS by a server that
 * still answers a hello known to be good; silence, resets and refused connections are no answers.
 */
#ifndef TLSCENSUS_SURVEY_H
#define TLSCENSUS_SURVEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/features.h"
#include "tlscensus/flight.h"
#include "tlscensus/hello.h"
#include "tlscensus/status.h"
#include "tlscensus/target.h"

enum tc_survey_depth { TC_SURVEY_STANDARD = 0, TC_SURVEY_DEEP };

/* What is asked on request alone (`--intrusive`): it may look like an attack to the server. Bits.
 */
enum tc_intrusive {
    TC_INTRUSIVE_RENEGOTIATION = 1 << 0, /* one ClientHello inside a finished connection */
    TC_INTRUSIVE_HEARTBEAT = 1 << 1,     /* one heartbeat of honest length, without padding */
    TC_INTRUSIVE_CCS = 1 << 2,           /* ChangeCipherSpec before its time */
    TC_INTRUSIVE_HTTP_UPGRADE = 1 << 3   /* HEAD with Upgrade: TLS/1.0 on port 80 */
};

/* What that adds to a survey's connections at most: a second try of each question in TLS included.
 */
unsigned tc_survey_intrusive_connections(unsigned intrusive);

/* The most connections of a survey, retries and control hellos among them (design.md section 5). */
#define TC_SURVEY_STANDARD_CONNECTIONS 74
#define TC_SURVEY_DEEP_CONNECTIONS     149

enum tc_leaf_key { TC_LEAF_NONE = 0, TC_LEAF_RSA, TC_LEAF_ECDSA /* and EdDSA */ };

/* What a real handshake told: the endpoint's first, and those that the survey asks for. */
struct tc_handshake_facts {
    bool is_done;     /* else only what came before it failed is there */
    uint8_t alert;    /* the fatal one that ended it; 0: none */
    uint16_t version; /* 0: no ServerHello, and so on */
    uint16_t suite;
    uint16_t group;
    uint16_t signature_scheme;
    char alpn[TC_FLIGHT_ALPN_MAX]; /* "" where none was chosen */
    bool offered_alpn;
    enum tc_leaf_key leaf_key;
    uint8_t leaf_sha256[32]; /* zeros where no certificate was seen */
    bool is_resumed;
    bool early_data_accepted;
    bool ticket_seen;     /* a NewSessionTicket came */
    bool tickets_awaited; /* up to where none can come any more, so that its absence is a no */
    uint32_t ticket_lifetime_s; /* 0: not said */
    uint32_t max_early_data_bytes;
    bool session_kept;                       /* a session can be offered again */
    enum tc_tristate extended_master_secret; /* TC_UNKNOWN in TLS 1.3, as the next */
    enum tc_tristate secure_renegotiation;
    enum tc_tristate client_certificate_request;
    uint16_t certificate_compression; /* RFC 8879 algorithm of a CompressedCertificate; 0: none */
    bool ech_retry_configs;           /* EncryptedExtensions answered our GREASE ECH */
    int renegotiation_reply;          /* --intrusive: outer type of the record that came, or 0 */
};

/* What a survey is told before it begins. Pointers are borrowed while it lives. */
struct tc_survey_options {
    enum tc_survey_depth depth;
    unsigned intrusive; /* bits of enum tc_intrusive */
    enum tc_protocol protocol;
    const char *server_name; /* sent in SNI; NULL: none */
    const char *host;        /* the target's own text, for fingerprints that hold it */
    unsigned max_connections;
    unsigned parallel; /* questions out at once that the caller can use, at least 1 */
    uint64_t seed;     /* what is random in hellos comes from it alone */
    struct tc_handshake_facts handshake; /* the endpoint's own */
    /*
     * What an earlier survey of this endpoint found, as deep as this one or deeper; NULL: none.
     * Where a few questions confirm it, it is the result once more, but for what was asked anew;
     * else everything is surveyed.
     */
    const struct tc_features *previous;
};

enum tc_question_kind {
    TC_QUESTION_HELLO = 0, /* send tc_survey_hello(), read one flight */
    TC_QUESTION_HANDSHAKE, /* a real handshake, with `wish` */
    /*
     * --intrusive alone: to port 80 of the same address, without TLS: send tc_survey_hello(), which
     * is a request of HTTP/1.1 here, and read the head of its answer: up to and with the empty
     * line, at most TC_SURVEY_MAX_HEAD bytes. The answer goes to tc_survey_feed_http().
     */
    TC_QUESTION_HTTP
};

/* How a real handshake is to differ from the endpoint's own. */
#define TC_WISH_MAX_SCHEMES 16
#define TC_WISH_MAX_ALPN    12
enum tc_wish_name { TC_NAME_OWN = 0, TC_NAME_NONE, TC_NAME_UNKNOWN };
struct tc_handshake_wish {
    uint16_t min_version; /* 0: as usual; also the next */
    uint16_t max_version;
    enum tc_wish_name name;
    uint16_t
        schemes[TC_WISH_MAX_SCHEMES]; /* the only ones accepted from the server; none: as usual */
    size_t num_schemes;
    const char *alpn[TC_WISH_MAX_ALPN]; /* offered; static texts */
    size_t num_alpn;
    bool without_tickets; /* a session id instead */
    bool keeps_session;   /* into `session`, for a later question; waits for a ticket in TLS 1.3 */
    bool resumes;         /* offers `session` */
    unsigned session;     /* slot 0: the endpoint's own handshake; 1, 2 */
    bool offers_early_data; /* with `resumes`; nothing is written */
    bool offers_ech;        /* GREASE */
    bool offers_certificate_compression;
    bool renegotiates;
};
#define TC_SURVEY_SESSIONS 3

/* The text of TC_TRAIT_SURVEY_COMPLETE where `previous` was confirmed, or all of it but a part. */
#define TC_SURVEY_CONFIRMED_BUT_TLS13_TEXT                                                         \
    "TLS 1.3 surveyed anew, the rest confirmed by a few questions"
#define TC_SURVEY_CONFIRMED_TEXT "confirmed by a few questions, not surveyed anew"

struct tc_question {
    uint32_t id;
    enum tc_question_kind kind;
    unsigned delay_ms;             /* back-off: not to be sent earlier, counted from now */
    bool keeps_certificates;       /* the flight shall keep them */
    bool is_ssl2;                  /* and so may the answer be */
    bool is_split;                 /* in two segments with a pause of 100 ms between them */
    bool has_follow_up;            /* --intrusive alone, with HELLO: see tc_survey_follow_up() */
    struct tc_handshake_wish wish; /* with HANDSHAKE */
};

/* How the wait for an answer ended. */
enum tc_answer_end {
    TC_ANSWER_COMPLETE =
        0, /* the flight is no longer READING; a handshake is done, or ended by an alert */
    TC_ANSWER_CLOSED, /* end of stream before that */
    TC_ANSWER_RESET,
    TC_ANSWER_SILENCE,   /* the deadline passed */
    TC_ANSWER_UNREACHED, /* no TCP connection, or STARTTLS did not get so far */
    TC_ANSWER_BROKEN,    /* a handshake that failed otherwise; no record, or no head, at all */
    TC_ANSWER_LOCAL      /* our own fault */
};

#define TC_SURVEY_MAX_HEAD      8192
#define TC_SURVEY_REPLY_MS      3000 /* so long is the reply to a follow-up waited for */
#define TC_SURVEY_MAX_FOLLOW_UP 16

/* What came back for a follow-up: the first record, of which the header alone is wanted. */
struct tc_survey_reply {
    enum tc_answer_end end; /* COMPLETE: a record's header came, and of an alert its two bytes */
    uint8_t type;           /* of the record (RFC 5246 section 6.2.1); 0 where none came */
    uint16_t len;           /* of its body, as the header says */
    uint8_t alert;          /* description, of a record of type 21 and 2 bytes; else 0 */
};

enum tc_survey_step {
    TC_SURVEY_ASK = 0, /* `*out` is a question; there may be more */
    TC_SURVEY_WAIT,    /* answers that are still out decide */
    TC_SURVEY_DONE     /* nothing is out, and nothing more will be asked */
};

/* What a flight's or handshake's certificates are to the endpoint. */
enum tc_survey_chain {
    TC_SURVEY_CHAIN_NONE = 0, /* known already, or of no interest */
    TC_SURVEY_CHAIN_OWN,      /* the endpoint's own handshake had shown none: this is it */
    TC_SURVEY_CHAIN_SSL2,     /* likewise, until another is seen: SSL 2.0 is asked for no name */
    TC_SURVEY_CHAIN_OTHER_KEY,
    TC_SURVEY_CHAIN_NO_SNI,
    TC_SURVEY_CHAIN_UNKNOWN_SNI
};

struct tc_survey;

/* Errors: TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status tc_survey_new(struct tc_survey **out,
                                         const struct tc_survey_options *options);
void tc_survey_free(struct tc_survey *survey);
/* tc_survey_next hands out the next question that can be asked now. */
enum tc_survey_step tc_survey_next(struct tc_survey *survey, struct tc_question *out);
/*
 * tc_survey_hello writes the hello of a question of kind HELLO or HTTP into `out`: the whole of
 * what is to be sent first.
 * `*out_split` is where a split one is cut, else 0.
 * Errors: TC_ERR_LIMIT.
 */
TC_MUST_USE enum tc_status tc_survey_hello(struct tc_survey *survey, uint32_t id, uint8_t *out,
                                           size_t capacity, size_t *out_len, size_t *out_split);
/*
 * tc_survey_feed takes the answer to a question of kind HELLO and says what its certificates are.
 * After UNREACHED and LOCAL `flight` may be NULL.
 */
enum tc_survey_chain tc_survey_feed(struct tc_survey *survey, uint32_t id, enum tc_answer_end end,
                                    const struct tc_flight *flight);
/* The same for a question of kind HANDSHAKE. */
enum tc_survey_chain tc_survey_feed_handshake(struct tc_survey *survey, uint32_t id,
                                              enum tc_answer_end end,
                                              const struct tc_handshake_facts *facts);
/*
 * tc_survey_follow_up writes what is to be sent on the same connection when the flight of a
 * question with `has_follow_up` has come to TC_FLIGHT_HELLO_DONE. Then one record is waited for, at
 * most TC_SURVEY_REPLY_MS, and no more is read of it than struct tc_survey_reply wants. Errors:
 * TC_ERR_RANGE (nothing is to be sent: the flight ended otherwise, or does not allow it),
 * TC_ERR_LIMIT.
 */
TC_MUST_USE enum tc_status tc_survey_follow_up(struct tc_survey *survey, uint32_t id,
                                               const struct tc_flight *flight, uint8_t *out,
                                               size_t capacity, size_t *out_len);
/*
 * tc_survey_feed_reply is tc_survey_feed() for a question with `has_follow_up`, once the wait for
 * the reply is over. Where no follow-up was sent, tc_survey_feed() takes the answer.
 */
enum tc_survey_chain tc_survey_feed_reply(struct tc_survey *survey, uint32_t id,
                                          const struct tc_flight *flight,
                                          const struct tc_survey_reply *reply);
/*
 * tc_survey_feed_http takes the answer to a question of kind HTTP: what came of the head, of which
 * `end` says whether it is whole (COMPLETE). What a web server does proves nothing about TLS.
 */
void tc_survey_feed_http(struct tc_survey *survey, uint32_t id, enum tc_answer_end end,
                         const char *head, size_t head_len);
/* tc_survey_stop: nothing more will be asked, for this reason (static text). Answers may still
 * come. */
void tc_survey_stop(struct tc_survey *survey, const char *reason);
/* Questions handed out so far, each of which is a connection. */
unsigned tc_survey_connections(const struct tc_survey *survey);
/*
 * tc_survey_result writes what was found. Nothing may be out.
 * Errors: TC_ERR_NOMEM, TC_ERR_LIMIT.
 */
TC_MUST_USE enum tc_status tc_survey_result(const struct tc_survey *survey,
                                            struct tc_features *out);

#endif
