/* Dialogues of STARTTLS as rows: what the server says, what is answered, and how it ends. */
#ifndef STARTTLS_TALK_H
#define STARTTLS_TALK_H

#include "test_support.h"

#include "tlscensus/starttls.h"

#define MAX_TURNS 8

/* The server's bytes, and ours that they bring about. */
struct turn {
    const char *server;
    size_t server_len;
    const char *client;
    size_t client_len;
};
#define TURN(server_text, client_text)                                                             \
    {                                                                                              \
        (server_text), sizeof(server_text) - 1, (client_text), sizeof(client_text) - 1             \
    }

struct talk_case {
    const char *name;
    enum tc_protocol protocol;
    struct turn turns[MAX_TURNS];
    enum tc_starttls_step step;
    const char *detail;    /* all of it, or its beginning where it ends with … */
    size_t leftover_bytes; /* of the last turn's server bytes */
    bool ends;             /* the server closes then */
    bool is_silent;        /* no farewell is said */
};

/* How a row ends. */
#define DONE          .step = TC_STARTTLS_DONE
#define MORE          .step = TC_STARTTLS_MORE
#define REFUSED(text) .step = TC_STARTTLS_REFUSED, .detail = (text)
#define FAILED(text)  .step = TC_STARTTLS_FAILED, .detail = (text)

/* A row as a test: whole, cut in two at each byte, and byte by byte, always with the same end. */
void check_talk(void **state);
int run_talks(const char *group, const struct talk_case *cases, size_t num_cases);

#endif
