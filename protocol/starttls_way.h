/*
 * What each protocol's way to TLS is made of: starttls.c keeps the bytes, starttls_lines.c,
 * starttls_ldap.c, starttls_xmpp.c and starttls_binary.c know what they mean.
 */
#ifndef TC_PROTOCOL_STARTTLS_WAY_H
#define TC_PROTOCOL_STARTTLS_WAY_H

#include "tlscensus/starttls.h"

/* What came of a look at the present answer. */
enum way_progress {
    WAY_WAIT = 0, /* more bytes are needed */
    WAY_ON,       /* a piece was taken: look again */
    WAY_OVER      /* the dialogue's step is no longer MORE */
};

struct tc_starttls_way {
    /* Sets `awaited`, and says what is said first. */
    void (*begin)(struct tc_starttls *dialogue);
    /* Takes one piece of what lies in `reply` from `reply_at` on: a line, a tag, a message. */
    enum way_progress (*read)(struct tc_starttls *dialogue);
    /* The server closed. NULL: that is a failure, whatever came before. */
    void (*end)(struct tc_starttls *dialogue);
    const char *farewell; /* before TLS */
    size_t farewell_len;
    const char *last_words; /* inside it */
    size_t last_words_len;
    bool says_server; /* a name of struct tc_starttls_names goes into what we say */
    bool says_client;
};

#define TC_WORDS(text) (text), sizeof(text) - 1

/* NULL where the protocol is not one of these. */
const struct tc_starttls_way *tc_starttls_way_of_lines(enum tc_protocol protocol);
extern const struct tc_starttls_way tc_starttls_way_ldap;
extern const struct tc_starttls_way tc_starttls_way_xmpp;
extern const struct tc_starttls_way tc_starttls_way_postgres;
extern const struct tc_starttls_way tc_starttls_way_mysql;
extern const struct tc_starttls_way tc_starttls_way_rdp;

/* Below, inside of starttls.c: what the ways have in common. */

/* Adds to the output. What we say is short: see TC_STARTTLS_OUTPUT_MAX. */
void tc_starttls_say(struct tc_starttls *dialogue, const void *bytes, size_t len);
/* What was read of the answer is done with: the next one begins. */
void tc_starttls_drop_reply(struct tc_starttls *dialogue);

/* The three ends. Each returns WAY_OVER, so that an end is one statement. */
enum way_progress tc_starttls_agree(struct tc_starttls *dialogue);
enum way_progress tc_starttls_refuse(struct tc_starttls *dialogue, const char *format, ...)
    TC_PRINTF(2, 3);
enum way_progress tc_starttls_fail(struct tc_starttls *dialogue, const char *format, ...)
    TC_PRINTF(2, 3);

#define TC_STARTTLS_WORDS_MAX 200
/*
 * tc_starttls_words makes a stranger's words fit for one line of a detail: line breaks become one
 * blank, what is not printable ASCII a dot, and what is too long is cut.
 */
void tc_starttls_words(char out[TC_STARTTLS_WORDS_MAX], const uint8_t *bytes, size_t len);
/* tc_starttls_fail_strange ends with what the server said in place of what is awaited. */
enum way_progress tc_starttls_fail_strange(struct tc_starttls *dialogue);

#endif
