/*
 * What all workers of a run may do together: endpoints in flight, new connections a second. Any
 * thread; the numbers are atomic, nothing is locked.
 */
#ifndef TC_SCANNER_LIMITS_H
#define TC_SCANNER_LIMITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tc_limits {
    size_t concurrency; /* slots */
    size_t share;       /* of one worker: more only while no other wants for its own */
    int64_t pause_us;   /* between two connections of the run; 0: no --rate */
    atomic_size_t in_flight;
    atomic_size_t starving; /* workers below their share that found no slot */
    _Atomic int64_t next_us;
};

/* A worker's view. */
struct tc_slots {
    struct tc_limits *limits;
    size_t held;
    bool is_starving;
};

/* `rate` is connections a second; 0: no limit. */
void tc_limits_init(struct tc_limits *limits, size_t concurrency, unsigned workers, double rate);

/* tc_slots_take takes one slot; false where there is none for this worker now. */
bool tc_slots_take(struct tc_slots *slots);
/* The worker wants no slot after all: others need not leave it any. */
void tc_slots_content(struct tc_slots *slots);
/* tc_slots_give hands one back; true where another worker is starving and should be woken. */
bool tc_slots_give(struct tc_slots *slots);

/* tc_rate_take takes the right to one connection now; else false, and when it may be had. */
bool tc_rate_take(struct tc_limits *limits, int64_t now_us, int64_t *out_at_us);
/* tc_rate_give hands back a right that was not used. */
void tc_rate_give(struct tc_limits *limits);

#endif
