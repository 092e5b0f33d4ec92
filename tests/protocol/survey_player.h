/* Plays whole surveys against servers in memory. */
#ifndef TLSCENSUS_SURVEY_PLAYER_H
#define TLSCENSUS_SURVEY_PLAYER_H

#include "fake_server.h"
#include "tlscensus/features.h"

/*
 * Changes what a question gets: `name` is that of its kind of track. For a handshake `reply` holds
 * nothing but the end.
 */
typedef void survey_meddler(struct tc_survey *survey, const char *name, struct fake_reply *reply);

struct play {
    struct tc_survey_options options;
    survey_meddler *meddler; /* NULL: nobody does */
    uint64_t seed; /* of the order in which answers come, and of the sizes of their pieces */
};

struct played {
    struct tc_features features; /* owned: tc_features_cleanup() */
    struct tc_handshake_facts own;
    unsigned connections;
    unsigned handshakes;
    unsigned renegotiations; /* of these */
    unsigned follow_ups;     /* questions that may have one */
    unsigned followed;       /* of these, where it was sent */
    unsigned requests;       /* of HTTP */
    unsigned most_out;
    unsigned ordinary;       /* connections before the first that is intrusive */
    unsigned ordinary_after; /* and after it: controls */
    struct tc_question first;
};

/* The options of an ordinary survey. */
struct tc_survey_options survey_options(enum tc_survey_depth depth, unsigned parallel);
/*
 * survey_play plays one survey. Whatever the server does, it has to end, to keep its limits and to
 * write hellos that a careful server reads, and what is intrusive is alone on its way: an assertion
 * of cmocka fails otherwise.
 */
void survey_play(struct played *out, struct fake_server *server, const struct play *play);

#endif
