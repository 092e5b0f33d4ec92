/*
 * Whose turn it is: endpoints of one worker wait here without a slot, for a slot, for --rate and
 * for their address, and begin in the order in which they may.
 */
#ifndef TC_SCANNER_TURNS_H
#define TC_SCANNER_TURNS_H

#include <stddef.h>

#include "address_gate.h"
#include "endpoint.h"
#include "limits.h"

/* Endpoints in the order in which they came. */
struct tc_endpoint_list {
    struct tc_endpoint *first;
    struct tc_endpoint *last;
    size_t num;
};
void tc_endpoint_list_add(struct tc_endpoint_list *list, struct tc_endpoint *endpoint);
/* Takes it out of the list that it is in, if any. */
void tc_endpoint_list_remove(struct tc_endpoint *endpoint);

struct tc_turns {
    const struct tc_io *io;
    struct tc_timers *timers;
    struct tc_gate *gate;
    struct tc_slots slots;
    struct tc_endpoint_list ready;  /* may ask now */
    struct tc_endpoint_list parked; /* wait for an address, or for a retry */
    struct tc_timer rate_timer;     /* wakes the loop when --rate allows the next */
    void *owner;
    /* It is the endpoint's turn: it holds a slot, and `permit` for its address. */
    void (*begin)(void *owner, struct tc_endpoint *endpoint, struct tc_gate_address *permit);
    /* Another worker waits for a slot, and one is free. */
    void (*slot_free)(void *owner);
};

void tc_turns_init(struct tc_turns *turns, const struct tc_io *io, struct tc_timers *timers,
                   struct tc_gate *gate, struct tc_limits *limits);
/* An endpoint in WAIT wants its turn as soon as it may; one that already does may say so again. */
void tc_turns_add(struct tc_turns *turns, struct tc_endpoint *endpoint);
/* An endpoint pauses before a retry: its own timer will say when it is ready. */
void tc_turns_park(struct tc_turns *turns, struct tc_endpoint *endpoint);
/* tc_turns_called: the gate says that `endpoint` may ask again at `at_us`. */
void tc_turns_called(struct tc_turns *turns, struct tc_endpoint *endpoint, int64_t at_us);
/* tc_turns_give_slot hands back the slot of an endpoint whose attempt is over. */
void tc_turns_give_slot(struct tc_turns *turns);
/* tc_turns_run begins all endpoints that may begin now. */
void tc_turns_run(struct tc_turns *turns);
/* tc_turns_drop takes an endpoint out that will not begin. */
void tc_turns_drop(struct tc_turns *turns, struct tc_endpoint *endpoint);

#endif
