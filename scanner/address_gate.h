/*
 * What one address may be asked to bear: connections at once and new ones a second
 * (`--per-address` and `--address-rate`). All workers share one gate; its addresses are spread over
 * shards with a lock each, held for a few instructions.
 */
#ifndef TC_SCANNER_ADDRESS_GATE_H
#define TC_SCANNER_ADDRESS_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

#define TC_GATE_KEY_BYTES 16

/* An address: 16 octets (IPv4 mapped into IPv6), or a hash where only the proxy knows it. */
struct tc_gate_key {
    uint8_t bytes[TC_GATE_KEY_BYTES];
};

struct tc_gate_address;

/* A place in an address's queue, embedded in what waits. Starts zeroed. */
struct tc_gate_waiter {
    struct tc_gate_waiter *next;
    struct tc_gate_waiter *previous;
    struct tc_gate_address *address; /* where it is queued; NULL while it is not */
    unsigned at_once;                /* as it was asked */
};

enum tc_gate_answer {
    TC_GATE_GO = 0, /* a permit was given: hand it back with tc_gate_release() */
    TC_GATE_LATER,  /* first in the queue: ask again at the time given */
    TC_GATE_QUEUED  /* others come first: `wake` will call */
};

struct tc_gate_options {
    unsigned per_address; /* permits at once; 0: no limit */
    double address_rate;  /* permits a second; 0: no limit */
    /*
     * wake says that `waiter` may ask again at `at_us`. Called with the shard's lock held, on any
     * thread: it must not call the gate, only pass the word on.
     */
    void (*wake)(struct tc_gate_waiter *waiter, int64_t at_us);
};

struct tc_gate;
/* Errors: TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status tc_gate_new(struct tc_gate **out, const struct tc_gate_options *options);
/* All permits must have been handed back and all waiters cancelled. */
void tc_gate_free(struct tc_gate *gate);

/*
 * tc_gate_ask wants a permit for the address `key` now. A waiter that does not get it stands in
 * the address's queue until it gets it or is cancelled; the queue is first come, first served.
 *
 * Inputs:  `at_once` is a limit of this one question: it gets no permit while so many are out, 0
 * for none but per_address. Who waits with a lower limit than others holds up those behind.
 *          `spread` is any random number: the pause between permits is stretched by up to a fifth
 *          with it, so that a fleet of scanners does not fall into step. It is never shortened.
 * Outputs: `*out_permit` for TC_GATE_GO, `*out_at_us` for TC_GATE_LATER.
 * Errors:  without memory for a new address the answer is TC_GATE_LATER, a little later.
 */
enum tc_gate_answer tc_gate_ask(struct tc_gate *gate, struct tc_gate_waiter *waiter,
                                const struct tc_gate_key *key, unsigned at_once, int64_t now_us,
                                uint32_t spread, struct tc_gate_address **out_permit,
                                int64_t *out_at_us);
/* tc_gate_release hands a permit back. Any thread. */
void tc_gate_release(struct tc_gate *gate, struct tc_gate_address *permit, int64_t now_us);
/* tc_gate_cancel takes a waiter out of its queue; `wake` is not called for it after the return. */
void tc_gate_cancel(struct tc_gate *gate, struct tc_gate_waiter *waiter, int64_t now_us);
/* Addresses remembered now: those in use or asked within the last pause. For tests. */
size_t tc_gate_count(struct tc_gate *gate);

#endif
