/*
 * Inside the room: what waits for the writer thread. A ring that its own lock guards; it grows as
 * far as what is in flight needs, and never past a limit.
 */
#ifndef SCHEMA_QUEUE_H
#define SCHEMA_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "tlscensus/store.h"

enum tc_message_kind {
    TC_MESSAGE_OBSERVATION,
    TC_MESSAGE_REJECTION,
    TC_MESSAGE_REGISTRATION,
    TC_MESSAGE_FLUSH
};

/* Lives on the stack of who waits for it. */
struct tc_registration_request {
    const char *file;
    struct tc_target *const *targets;
    size_t num_targets;
    enum tc_registration *out;
    enum tc_status status;
    bool answered;
};

/* Likewise. */
struct tc_flush_request {
    enum tc_status status;
    bool answered;
};

struct tc_queue_message {
    enum tc_message_kind kind;
    union {
        struct tc_observation *observation; /* owned */
        struct tc_rejection *rejection;     /* owned, one block with its texts */
        struct tc_registration_request *registration;
        struct tc_flush_request *flush;
    } content;
};

/* Not locked: the owner does that. */
struct tc_queue {
    struct tc_queue_message *ring;
    size_t capacity; /* a power of two, or 0 */
    size_t first;
    size_t count;
};

/* Errors: TC_ERR_NOMEM, TC_ERR_LIMIT (somebody does not ask for room). */
TC_MUST_USE enum tc_status tc_queue_push(struct tc_queue *queue, struct tc_queue_message message);
/* Moves at most `max` messages into `out` and says how many. */
size_t tc_queue_take(struct tc_queue *queue, struct tc_queue_message *out, size_t max);
void tc_queue_cleanup(struct tc_queue *queue);

/* A copy in one block, freed with free(). NULL when memory is short. */
struct tc_rejection *tc_rejection_copy(const struct tc_rejection *rejection);

#endif
