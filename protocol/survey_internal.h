/*
 * Inside the room: how the survey's files work together. A survey is a handful of tracks, each of
 * which asks one question after another and has at most one out. survey.c decides which may ask,
 * tries again what got no answer, and tells a refusal from a server that has stopped answering; a
 * track hears verdicts.
 */
#ifndef TC_PROTOCOL_SURVEY_INTERNAL_H
#define TC_PROTOCOL_SURVEY_INTERNAL_H

#include "tlscensus/fingerprint.h"
#include "tlscensus/registry.h"
#include "tlscensus/survey.h"

#define TC_SSL2   0x0002
#define TC_SSL3   0x0300
#define TC_TLS1   0x0301
#define TC_TLS1_1 0x0302
#define TC_TLS1_2 0x0303
#define TC_TLS1_3 0x0304

#define TC_SCSV_RENEGOTIATION 0x00FF /* RFC 5746 section 3.3 */
#define TC_SCSV_FALLBACK      0x5600 /* RFC 7507 */

#define TC_ALERT_PROTOCOL_VERSION        70  /* RFC 5246 section 7.2 */
#define TC_ALERT_NO_APPLICATION_PROTOCOL 120 /* RFC 7301 section 3.2 */

/* Versions in order; TC_LEVEL_COUNT also stands for none. */
enum tc_level_index {
    TC_LEVEL_SSL2 = 0,
    TC_LEVEL_SSL3,
    TC_LEVEL_TLS1,
    TC_LEVEL_TLS1_1,
    TC_LEVEL_TLS1_2,
    TC_LEVEL_TLS1_3,
    TC_LEVEL_COUNT
};

#define TC_GROUP_X25519 0x001D

/*
 * How hellos of TLS 1.3 ask for a HelloRetryRequest: without a key share, or where that is refused
 * with one of no group that there is, or with one of a group that may not be liked best.
 */
enum tc_share { TC_SHARE_NONE = 0, TC_SHARE_GREASE, TC_SHARE_X25519 };

/* All suites that may be asked for; places in it number the bits below. */
#define TC_MAX_CANDIDATES 448
#define TC_MAX_PER_HELLO  118 /* beside two SCSVs: old appliances fail at about 128 */
/* SSL 3.0 has no padding that would lift a hello over the lengths on which some devices hang. */
#define TC_MAX_WITHOUT_PADDING 100
#define TC_MAX_GROUPS          64
#define TC_MAX_ALPN_ASKED      16
#define TC_MAX_LANES           10 /* of one version */
#define TC_MAX_TRACKS          64
#define TC_MAX_SCHEMES_SEEN    32
#define TC_MAX_OFFERED_SCHEMES 64
#define TC_TOLERANCE_TEXT      64
#define TC_REPLY_TEXT          48
#define TC_NUM_TRAITS          (TC_TRAIT_POST_QUANTUM + 1)

struct tc_bits {
    uint64_t words[TC_MAX_CANDIDATES / 64];
};

/*
 * One fact, and what has to prove it: an accepted question whose id is higher than `seq`. 0: it
 * needs no other proof.
 */
struct tc_fact {
    enum tc_tristate value;
    uint32_t seq;
    int64_t number;   /* TC_FEATURE_NO_VALUE where there is none */
    const char *text; /* static, or in the survey; NULL where there is none */
};

/* What a server chose from a list that shrinks, in the order of its answers: its ranking, if it has
 * one. */
struct tc_choices {
    uint16_t chosen[TC_MAX_PER_HELLO]; /* places in the list */
    size_t num;
};

struct tc_level {
    uint16_t version;
    struct tc_fact supported;
    struct tc_fact complete; /* suites without a yes are not supported */
    struct tc_fact order;    /* yes: the server's, no: the client's */
    struct tc_fact sentinel;
    struct tc_bits yes;
    struct tc_bits refused;
    struct tc_bits ranked; /* on offer from the first hello on: what came in later has no rank */
    struct tc_choices choices;
    uint32_t first_id;    /* of the first hello that was accepted */
    bool is_decided;      /* whether it is supported was asked, and will not be asked again */
    bool refused_as_such; /* by the alert protocol_version */
    unsigned lanes_open;  /* of its loop: those that have not come to their end */
    bool lanes_unclear;   /* one of them ended without an answer */
    unsigned num_lanes;   /* open or not */
};

/* A server's groups, in TLS 1.3, or below. */
struct tc_group_state {
    const struct tc_group *known[TC_MAX_GROUPS];
    size_t num_known;
    uint64_t yes;    /* bits are places in `known` */
    uint64_t left;   /* undecided */
    uint64_t ranked; /* on offer in the first hello; TLS 1.3 alone, as the rest but for some */
    struct tc_choices choices;
    struct tc_fact complete;
    struct tc_fact order;
    bool passes_over; /* below TLS 1.3: it chose a known group again, behind undecided ones */
    uint64_t offered; /* in the loop's newest hello, or that of the track of groups below 1.3 */
    uint64_t at_end;  /* below TLS 1.3: known curves that stood behind these */
    /* Below TLS 1.3: what that track met, each of them chosen while all behind it were on offer. */
    struct tc_choices chain;
    bool main_is_done;       /* the loop has come to its end */
    bool finite_is_done;     /* and so has the lane of finite fields, if there is one */
    uint64_t finite_left;    /* of the lane; 0: there is none */
    uint64_t finite_offered; /* in its newest hello */
    struct tc_choices finite_choices;
    bool finite_chosen;    /* by the loop, which then leaves the rest of them to the lane */
    bool is_contradictory; /* one hello got what another was refused: there is no complete list */
    bool is_mixed; /* the server likes some finite field better than a curve: no lane can rank */
};

/* A scheme that was asked for at TLS 1.3. */
struct tc_scheme13 {
    uint16_t code;
    struct tc_fact supported;
};

enum tc_verdict {
    TC_VERDICT_ACCEPTED = 0, /* a ServerHello, or a finished handshake */
    TC_VERDICT_REFUSED,      /* an alert; or hung up, where a good hello still works */
    TC_VERDICT_UNCLEAR       /* no answer: not measured */
};

struct tc_answer {
    enum tc_answer_end end;
    const struct tc_flight *flight;         /* of a hello; may be NULL */
    const struct tc_handshake_facts *facts; /* of a handshake; may be NULL */
    const struct tc_survey_reply *reply;    /* to a follow-up; NULL: none was sent */
    const char *http;                       /* the whole head of a web server's answer, or NULL */
    size_t http_len;
};

enum tc_ask { TC_ASK_YES = 0, TC_ASK_LATER, TC_ASK_NEVER };

/* How far a survey has come that was given the features of the last one. */
enum tc_plan {
    TC_PLAN_SURVEY = 0, /* everything is asked: there is no last one, or something has moved */
    TC_PLAN_CONFIRM,    /* a few questions: is it all as it was? */
    TC_PLAN_CONFIRMED   /* it is; certificates, and what a repair would change, are asked for */
};

struct tc_survey;
struct tc_track;

struct tc_track_kind {
    const char *name;
    /*
     * Fills the next question, if it can be asked now. Asked again without an answer in between it
     * says the same. NEVER ends the track.
     */
    enum tc_ask (*ask)(struct tc_survey *survey, struct tc_track *track, struct tc_question *out);
    /* The hello of that question; NULL where the track asks for handshakes, or in HTTP. */
    void (*hello)(struct tc_survey *survey, struct tc_track *track, struct tc_hello *out);
    enum tc_survey_chain (*hear)(struct tc_survey *survey, struct tc_track *track,
                                 enum tc_verdict verdict, const struct tc_answer *answer);
    bool is_ssl2; /* no ClientHello, but a CLIENT-HELLO; talking of something else is the refusal of
                     those who never heard of it */
    bool is_split;    /* sent in two halves */
    bool comes_first; /* a long chain: others ask where there is room beside it, and profile deep's
                         own wait until it has ended, since lists are worth more */
    bool is_always_asked;   /* also where the last survey is confirmed: it adds little then */
    enum tc_trait repaired; /* likewise, unless the last survey has this as a yes; 0: none */
    bool is_strange;        /* its hello is no model for others, even where it is accepted */
    bool any_end_tells; /* whatever comes instead of an answer, twice, is one in itself where a good
                           hello still works: intolerance is what is asked for */
    bool is_intrusive;  /* it waits until all else is known */
    /* What is sent behind the flight (survey.h): its length, 0 where this flight does not allow it;
     * NULL where nothing is. */
    size_t (*follow_up)(const struct tc_flight *flight, uint8_t out[TC_SURVEY_MAX_FOLLOW_UP]);
    /* A request to port 80; NULL for all that ask in TLS. */
    enum tc_status (*request)(const struct tc_survey *survey, uint8_t *out, size_t capacity,
                              size_t *out_len);
};

enum tc_track_state {
    TC_TRACK_IDLE = 0, /* may ask */
    TC_TRACK_OUT,      /* its question is out */
    TC_TRACK_AGAIN,    /* the same question is to be asked once more, later */
    TC_TRACK_ALONE,    /* likewise, with nothing else out, and a control hello right behind */
    TC_TRACK_HELD,     /* no answer twice: does the server answer anybody? */
    TC_TRACK_DONE
};

struct tc_track {
    const struct tc_track_kind *kind;
    enum tc_track_state state;
    uint32_t id; /* of the question that is out */
    unsigned tries;
    bool is_held_alone;       /* it was hung up on twice, the second time alone */
    uint32_t held_since;      /* `asked` of the survey when it was held */
    enum tc_answer_end ended; /* how its last question ended */
    unsigned step;            /* the kind's own, as the rest */
    unsigned level;
    unsigned lane;
    unsigned num_accepted; /* suites of a lane, since its last division */
    bool is_narrowed;      /* it asks for less than it wanted to */
    bool has_riders;       /* its last hello had them */
    bool has_alpn;         /* and protocol names among them */
    unsigned rank;         /* given to its last choice; 0: none has one */
    bool tries_plain;      /* it asks again without, to see whether they were refused */
    struct tc_bits left;
};

struct tc_survey {
    struct tc_survey_options options;
    uint64_t random;
    uint32_t asked;              /* questions handed out; ids are from 1 */
    uint32_t last_accepted;      /* the highest id of a question that was accepted */
    uint32_t last_refused;       /* `asked` when the newest refusal was heard; 0: none */
    uint32_t hearing_refusal_of; /* `asked` when the refusal was heard that is being told; else 0 */
    unsigned num_out;
    const char *stopped; /* why nothing more is asked; NULL while all is well */
    const char *unclear; /* why something was not measured; NULL where all was */

    struct tc_track tracks[TC_MAX_TRACKS];
    size_t num_tracks;
    enum tc_plan plan;
    struct tc_survey *beginning; /* owned: this, before anything was confirmed; NULL: likewise */
    size_t first_confirming;     /* tracks from there on confirm; none in TC_PLAN_SURVEY */
    bool has_moved;              /* something is not as the last survey has it */
    bool tls13_has_moved;   /* there is more than it has of suites or groups, but only in TLS 1.3 */
    uint32_t confirmed_seq; /* what was confirmed needs the proof that a fact's `seq` does */
    struct tc_bits confirmed; /* suites of the best version below TLS 1.3 that were chosen */
    size_t first_deep;        /* profile deep's own tracks, up to before `end_deep` */
    size_t end_deep;
    unsigned kept_for_intrusive; /* connections that the others leave alone */
    struct tc_track control;
    uint16_t control_version; /* a hello known to be good; 0: none */
    bool is_alone;            /* what is out, or was just answered, was asked alone */
    bool is_fresh;            /* a control hello was answered, and nothing asked since */
    bool control_is_next;     /* that was hung up on: nothing else comes before a control hello */

    const struct tc_suite *candidates[TC_MAX_CANDIDATES];
    size_t num_candidates;
    size_t num_common; /* the first of them; the rest is asked for in profile deep */
    struct tc_level levels[TC_LEVEL_COUNT];
    struct tc_group_state groups13;
    struct tc_group_state groups12;
    const struct tc_track *repetition;     /* of the first hello; NULL: it is not asked */
    const struct tc_track *leaf_track;     /* the other leaf of TLS 1.3; NULL: likewise */
    const struct tc_track *alpn_tracks[2]; /* protocol names, in the clear and by handshake */
    const struct tc_track *groups12_track; /* which groups there are; NULL: it is not asked */
    enum tc_share share13;
    bool compression_rides; /* a hello that is to be sent anyway will offer it */
    bool plain_hellos;      /* the server takes offence at extensions that most ignore */

    const char *alpn[TC_MAX_ALPN_ASKED];
    enum tc_tristate alpn_known[TC_MAX_ALPN_ASKED];
    size_t num_alpn;
    struct tc_fact alpn_complete; /* those without a yes are not supported */
    bool alpn_given_up;           /* hellos without protocol names fare better */

    struct tc_fact traits[TC_NUM_TRAITS];
    struct tc_fact dh[TC_DH_EXPORT + 1]; /* `number`: bits */
    char dh_text[TC_DH_EXPORT + 1][65];
    uint8_t dh_p_sha256[32]; /* of the newest DHE answer; zeros: none yet */
    uint8_t dh_y_sha256[32];

    uint16_t schemes[TC_MAX_SCHEMES_SEEN];      /* that key exchanges were signed with at TLS 1.2 */
    uint16_t scheme_ranks[TC_MAX_SCHEMES_SEEN]; /* among those of one kind of key; 0: none */
    size_t num_schemes;
    struct tc_fact schemes12_complete;
    unsigned scheme_lanes_open; /* kinds of keys whose schemes are still asked for, at TLS 1.2 */
    bool scheme_lanes_unclear;
    struct tc_scheme13 schemes13[TC_MAX_SCHEMES_SEEN];
    size_t num_schemes13;
    struct tc_fact schemes13_complete;
    uint32_t ssl2_specs[TC_FLIGHT_MAX_SPECS];
    size_t num_ssl2_specs;
    enum tc_tristate gives_session_ids; /* to hellos without a ticket extension, below TLS 1.3 */
    uint8_t leaves[3][32];              /* SHA-256 by enum tc_leaf_key; zeros: not seen */

    /* Profile deep. */
    char tolerance_text[TC_TOLERANCE_TEXT]; /* which values were not tolerated */
    char reply_text[TC_REPLY_TEXT];         /* what came back for an unpadded heartbeat */
    struct tc_jarm jarm;
    char jarm_text[TC_JARM_CHARS + 1];
    char ja3s_text[TC_JA3S_CHARS + 1]; /* "" where there is none, as the one before */
};

/* ---- bits ---- */
static inline bool tc_bits_get(const struct tc_bits *bits, size_t place)
{
    return (bits->words[place / 64] >> (place % 64) & 1) != 0;
}
static inline void tc_bits_set(struct tc_bits *bits, size_t place)
{
    bits->words[place / 64] |= UINT64_C(1) << (place % 64);
}
static inline void tc_bits_clear(struct tc_bits *bits, size_t place)
{
    bits->words[place / 64] &= ~(UINT64_C(1) << (place % 64));
}
bool tc_bits_any(const struct tc_bits *bits);
/* ---- choices: what goes beyond their room is left out ---- */
static inline void tc_choices_add(struct tc_choices *choices, size_t place)
{
    if (choices->num < TC_ARRAY_LEN(choices->chosen)) {
        choices->chosen[choices->num] = (uint16_t)place;
        choices->num++;
    }
}

/* ---- survey.c ---- */
/* Whether nothing more is to come of a track; NULL: it was never there. */
static inline bool tc_track_is_done(const struct tc_track *track)
{
    return track == NULL || track->state == TC_TRACK_DONE;
}
/* Whether suites and groups are still asked for. */
bool tc_survey_lists_are_open(const struct tc_survey *survey);
/* The track whose question is out under this id; NULL where there is none. */
struct tc_track *tc_survey_find_track(struct tc_survey *survey, uint32_t id);
struct tc_track *tc_survey_add_track(struct tc_survey *survey, const struct tc_track_kind *kind);
uint64_t tc_survey_random(struct tc_survey *survey);
/*
 * A fact, as of the answer that is being heard. An earlier yes or no is not overwritten by unknown.
 * A no is proved by an accepted answer itself, or waits for the next one; a yes waits where it is
 * that a list is complete, which the refusals so far are part of.
 */
void tc_survey_know(struct tc_survey *survey, struct tc_fact *fact, enum tc_tristate value);
void tc_survey_trait(struct tc_survey *survey, enum tc_trait trait, enum tc_tristate value);
/* Something could not be measured. The first reason stays. */
void tc_survey_not_measured(struct tc_survey *survey, const char *reason);
/* Equal questions were answered differently, or one against its offer: that is the reason for what
 * is not measured then. */
void tc_survey_inconsistent(struct tc_survey *survey, const char *how);
/* Connections that may still be made, one left aside for the last control hello, and those that are
 * kept for what is intrusive. */
unsigned tc_survey_budget(const struct tc_survey *survey);
/*
 * A suite, or a group, was accepted. Where its list was complete without it, it was refused before:
 * then what else was refused is open again.
 */
void tc_survey_take_suite(struct tc_survey *survey, struct tc_level *level, size_t place);
void tc_survey_take_group(struct tc_survey *survey, struct tc_group_state *groups, size_t place);
/* A group was accepted in one hello and refused in another: there is no complete list. */
void tc_survey_groups_differ(struct tc_survey *survey, struct tc_group_state *groups);
/* What a fact is worth at the end: a no after which the server answered nothing any more is
 * unknown. */
enum tc_tristate tc_survey_settled(const struct tc_survey *survey, const struct tc_fact *fact);
/* The same of "the list is complete": all that is not on it is a no. */
enum tc_tristate tc_survey_settled_list(const struct tc_survey *survey, const struct tc_fact *fact);

/* ---- survey_hello.c: the parts of which hellos are made ---- */
enum tc_level_index tc_level_of(uint16_t version);
/* The highest level below TLS 1.3 that is known to be supported; TC_LEVEL_COUNT where none is yet.
 */
enum tc_level_index tc_survey_best_old_level(const struct tc_survey *survey);
/* Whether all levels below TLS 1.3 that are higher than this one have been decided. */
bool tc_survey_is_highest(const struct tc_survey *survey, enum tc_level_index index);
/* Whether the levels below TLS 1.3 have all been decided. */
bool tc_survey_old_levels_are_known(const struct tc_survey *survey);
/* Whether `candidate` may be offered in `version`. */
bool tc_survey_suite_fits(const struct tc_suite *suite, uint16_t version);
/* The name that this hello sends. */
enum tc_hello_name { TC_HELLO_OWN_NAME = 0, TC_HELLO_NO_NAME, TC_HELLO_UNKNOWN_NAME };
/*
 * tc_survey_begin_hello sets versions, random and session id for a hello whose highest version is
 * `version`.
 */
void tc_survey_begin_hello(struct tc_survey *survey, struct tc_hello *hello, uint16_t version);
void tc_survey_add_name(struct tc_survey *survey, struct tc_hello *hello, enum tc_hello_name name);
/* Suites whose bits are set, in the list's order or against it. At most TC_MAX_PER_HELLO. */
void tc_survey_add_suites(const struct tc_survey *survey, struct tc_hello *hello,
                          const struct tc_bits *which, bool reversed);
/* All suites known to be accepted in `level`; all common ones that fit where none is known. */
void tc_survey_add_good_suites(const struct tc_survey *survey, struct tc_hello *hello,
                               enum tc_level_index level);
/* signature_algorithms, for TLS 1.2 and 1.3. */
void tc_survey_add_schemes(struct tc_hello *hello, uint16_t version);
/*
 * tc_survey_end_old_hello adds what a hello below TLS 1.3 needs: point formats, schemes,
 * renegotiation_info, padding, and supported_groups last. `groups` may be NULL: those that are
 * common.
 */
void tc_survey_end_old_hello(struct tc_survey *survey, struct tc_hello *hello, uint16_t version,
                             const uint16_t *groups, size_t num_groups);
/* The same with these signature schemes alone, for certificates all that are common. */
void tc_survey_end_hello_with_schemes(struct tc_survey *survey, struct tc_hello *hello,
                                      const uint16_t *schemes, size_t num_schemes);
/* The schemes that signature_algorithms holds in `version`, the better before the worse. */
size_t tc_survey_common_schemes(uint16_t version, uint16_t out[TC_MAX_OFFERED_SCHEMES]);
/* supported_groups, after the padding that keeps the hello from lengths on which some devices hang.
 */
void tc_survey_add_groups_last(struct tc_hello *hello, const uint16_t *groups, size_t num_groups);
/* The end of a hello that asks for a HelloRetryRequest, with the own name and these groups. */
void tc_survey_end_tls13_loop_hello(struct tc_survey *survey, struct tc_hello *hello,
                                    const uint16_t *groups, size_t num_groups);
/* Key shares as survey->share13 has it, and these groups last. */
void tc_survey_add_groups13(struct tc_survey *survey, struct tc_hello *hello,
                            const uint16_t *groups, size_t num_groups, bool with_grease);
/* What a hello of TLS 1.3 needs beside key shares and groups. */
void tc_survey_add_tls13_extensions(struct tc_hello *hello, const uint16_t *versions,
                                    size_t num_versions);
/* The end of a hello of TLS 1.3 with these supported_versions and all common groups. */
void tc_survey_end_tls13_hello(struct tc_survey *survey, struct tc_hello *hello,
                               const uint16_t *versions, size_t num_versions, bool with_grease);
/* The same with key shares of common groups. */
void tc_survey_end_tls13_hello_with_shares(struct tc_survey *survey, struct tc_hello *hello,
                                           const struct tc_key_share *shares, size_t num_shares);
/* tc_survey_end_old_hello() with a group of GREASE before the common ones. */
void tc_survey_end_greased_old_hello(struct tc_survey *survey, struct tc_hello *hello,
                                     uint16_t version, bool with_grease);
/* A hello for `level` with suites known to be good, nothing unusual in it. */
void tc_survey_plain_hello(struct tc_survey *survey, struct tc_hello *hello,
                           enum tc_level_index level, enum tc_hello_name name);
/* The same in two parts, for extensions between them. */
void tc_survey_begin_plain_hello(struct tc_survey *survey, struct tc_hello *hello,
                                 enum tc_level_index level, enum tc_hello_name name);
void tc_survey_end_plain_hello(struct tc_survey *survey, struct tc_hello *hello,
                               enum tc_level_index level);
/*
 * Whether a question can be asked that wants a good hello with extensions below TLS 1.3: not before
 * the loop of the highest version there has ended.
 */
enum tc_ask tc_survey_ask_old(const struct tc_survey *survey);

/* ---- the tracks: what each file adds to a survey when it begins ---- */
void tc_survey_add_tls13(struct tc_survey *survey);    /* survey_tls13.c: its suites and groups */
void tc_survey_add_finite13(struct tc_survey *survey); /* survey_finite13.c: finite fields there */
/* Those of them that are finite fields. */
uint64_t tc_survey_finite_groups13(const struct tc_survey *survey);
/* A lane of the groups of TLS 1.3 is done: is the list? */
void tc_survey_end_groups13(struct tc_survey *survey);
/* Puts the ranking of both together, once both are done and the order is known to be the server's.
 */
void tc_survey_rank_groups13(struct tc_survey *survey);
void tc_survey_add_suite_loops(struct tc_survey *survey); /* survey_suites.c: SSL 3.0 to TLS 1.2 */
void tc_survey_init_control(struct tc_survey *survey);    /* survey_control.c */
void tc_survey_add_repetition(struct tc_survey *survey);
/* Whether one more connection between would bring the repetition its turn. */
bool tc_survey_is_repetition_due(const struct tc_survey *survey);
void tc_survey_add_orders(struct tc_survey *survey);     /* survey_order.c: whose order counts */
void tc_survey_add_ssl2(struct tc_survey *survey);       /* survey_ssl2.c */
void tc_survey_add_groups12(struct tc_survey *survey);   /* survey_groups.c */
void tc_survey_add_alpn_names(struct tc_survey *survey); /* survey_alpn.c */
void tc_survey_add_names(
    struct tc_survey *survey); /* survey_names.c: without SNI, with a strange one */
void tc_survey_add_habits(
    struct tc_survey *survey); /* survey_habits.c: SCSV, compression, named DH */
void tc_survey_add_sessions(
    struct tc_survey *survey); /* survey_sessions.c: what real handshakes tell */
/* Of which these come one after another, and so begin early. */
void tc_survey_add_old_sessions(struct tc_survey *survey);

/* survey_intrusive.c: what options.intrusive allows. */
void tc_survey_add_intrusive(struct tc_survey *survey);

/* Profile deep: survey_deep.c adds what the survey_deep_*.c have. */
void tc_survey_add_deep(struct tc_survey *survey);
void tc_survey_add_group_order(struct tc_survey *survey);
void tc_survey_add_schemes_deep(struct tc_survey *survey);
void tc_survey_add_tolerance(struct tc_survey *survey);
void tc_survey_add_deep_habits(struct tc_survey *survey);
void tc_survey_add_fingerprints(struct tc_survey *survey);
/* Good suites of `index` with DHE, but for export. */
struct tc_bits tc_survey_dhe_suites(const struct tc_survey *survey, enum tc_level_index index);
/* Good suites of `index` with ECDHE, of the kind of leaf that hinders least. */
struct tc_bits tc_survey_ecdhe_suites(const struct tc_survey *survey, enum tc_level_index index,
                                      bool *out_has_leaf_on_curve);
/* The same of these suites. */
struct tc_bits tc_survey_ecdhe_of(const struct tc_survey *survey, const struct tc_bits *which,
                                  bool *out_has_leaf_on_curve);
/* Whether leaves have keys on this curve, which then may have to be on offer. */
bool tc_survey_is_leaf_curve(uint16_t group);

/* ---- what the last survey found: survey_confirm.c, and its questions ---- */
/*
 * tc_survey_plan decides whether the last survey's features can be confirmed, and if so adds the
 * tracks that do it. Errors: TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_survey_plan(struct tc_survey *survey);
/* Whether the plan lets this track ask. */
bool tc_survey_may_ask(const struct tc_survey *survey, const struct tc_track *track);
/* Nobody has anything to ask: true where another plan follows, in which somebody may have. */
bool tc_survey_go_on(struct tc_survey *survey);
/* Whether the result is the last survey's once more: all was confirmed, and that was proved. */
bool tc_survey_is_confirmed(const struct tc_survey *survey);
/*
 * Else: what may be told without it. Where it was not confirmed to the end, that is what the
 * endpoint's own handshake told, and why there is no more. Borrowed from the survey.
 */
const struct tc_survey *tc_survey_without_previous(const struct tc_survey *survey);
/* What the last survey says, of suites as places among the candidates, of groups in `groups`. */
enum tc_tristate tc_survey_previous_trait(const struct tc_survey *survey, uint16_t version,
                                          enum tc_trait trait);
bool tc_survey_previously_spoken(const struct tc_survey *survey, size_t level);
struct tc_bits tc_survey_previous_suites(const struct tc_survey *survey, size_t level);
uint64_t tc_survey_previous_groups(const struct tc_survey *survey,
                                   const struct tc_group_state *groups, uint16_t version);
/* The highest level below TLS 1.3 that it has; TC_LEVEL_COUNT where there is none. */
size_t tc_survey_previous_best(const struct tc_survey *survey);
void tc_survey_add_confirming(struct tc_survey *survey); /* survey_confirm_tracks.c */

/* ---- what a survey begins with: survey_lists.c ---- */
void tc_survey_list_candidates(struct tc_survey *survey);
void tc_survey_list_groups(struct tc_survey *survey);
void tc_survey_list_alpn(struct tc_survey *survey);
/* What the endpoint's own handshake has told is known from the start. */
void tc_survey_read_own_handshake(struct tc_survey *survey);
/* The code of a protocol name in the registry; 0 where it has none. */
uint32_t tc_survey_alpn_code(const char *name);
/* The place of a suite among the candidates; TC_MAX_CANDIDATES where it is none. */
size_t tc_survey_place(const struct tc_survey *survey, uint32_t suite);
/* In whole or in part. */
static inline bool tc_group_is_post_quantum(const struct tc_group *group)
{
    return group->kind == TC_GROUP_PQ || group->kind == TC_GROUP_PQ_HYBRID;
}
/* The place of a group; TC_MAX_GROUPS where it is none. */
size_t tc_groups_place(const struct tc_group_state *groups, uint16_t group);
/* Places of the groups that this profile asks for. */
uint64_t tc_survey_asked_groups(const struct tc_survey *survey,
                                const struct tc_group_state *groups);
/* Adds the codes of groups at these places behind `num` of them. Returns how many there are then.
 */
size_t tc_groups_add_codes(const struct tc_group_state *groups, uint64_t places,
                           uint16_t out[TC_MAX_GROUPS], size_t num);

/* ---- what answers below TLS 1.3 tell beside their suite: survey_riders.c ---- */
/* Extensions that ride along in the hellos of a loop. */
void tc_survey_add_riders(struct tc_survey *survey, struct tc_hello *hello);
/* Whether protocol names are among them. */
bool tc_survey_offers_alpn(const struct tc_survey *survey);
/* The undecided protocol names. */
void tc_survey_add_alpn(const struct tc_survey *survey, struct tc_hello *hello);
/* What the answer to a hello with them says. True where it chose one that was not known. */
bool tc_survey_read_alpn(struct tc_survey *survey, const struct tc_flight *flight);
/* Groups that ride along: the undecided before the known. Returns how many. */
size_t tc_survey_riding_groups(const struct tc_survey *survey, uint16_t out[TC_MAX_GROUPS]);
/* A group's parameters of an accepted DHE answer. */
void tc_survey_read_dh(struct tc_survey *survey, const struct tc_flight *flight,
                       enum tc_dh_offer offer);
void tc_survey_read_session_id(struct tc_survey *survey, const struct tc_flight *flight);
/* The answer to a hello that offered compression, and no ticket extension. */
void tc_survey_read_compression(struct tc_survey *survey, const struct tc_flight *flight);
/* Whether the leaf of this kind of key has come to light. */
bool tc_survey_has_leaf(const struct tc_survey *survey, enum tc_leaf_key key);
/* The kind of key that a suite needs in the leaf; TC_LEAF_NONE where it does not say, or needs
 * none. */
enum tc_leaf_key tc_survey_suite_key(const struct tc_suite *suite);
/* What kind of key the flight's leaf has, as its suite says; TC_LEAF_NONE where neither shows. */
enum tc_leaf_key tc_survey_leaf_key(const struct tc_flight *flight);
/* Takes from an accepted flight whatever it tells. `has_riders`: it answers a hello that had them.
 */
enum tc_survey_chain tc_survey_read_flight(struct tc_survey *survey, const struct tc_flight *flight,
                                           bool has_riders);

#endif
