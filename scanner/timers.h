/*
 * Deadlines of one worker: a binary heap, so that thousands of endpoints need one timer of the
 * event loop. The clock is the caller's.
 */
#ifndef TC_SCANNER_TIMERS_H
#define TC_SCANNER_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tlscensus/status.h"

/* Embedded in what it wakes. Zeroed memory with `fire` set is a timer that is not armed. */
struct tc_timer {
    int64_t at_us; /* monotonic, on the clock of the heap's owner */
    size_t place;  /* in the heap, from 1; 0 while not armed */
    void (*fire)(struct tc_timer *timer);
};

struct tc_timers {
    struct tc_timer **heap;
    size_t num;
    size_t capacity;
};

void tc_timers_init(struct tc_timers *timers);
/* Nothing fires; the timers themselves belong to others. */
void tc_timers_cleanup(struct tc_timers *timers);
/*
 * tc_timers_set arms `timer` for `at_us`, or moves it there.
 * Errors: TC_ERR_NOMEM, only where the timer was not armed before.
 */
TC_MUST_USE enum tc_status tc_timers_set(struct tc_timers *timers, struct tc_timer *timer,
                                         int64_t at_us);
/* A timer that is not armed may be cancelled too. */
void tc_timers_cancel(struct tc_timers *timers, struct tc_timer *timer);
/* tc_timers_next says when the first one is due; false where none is armed. */
bool tc_timers_next(const struct tc_timers *timers, int64_t *out_at_us);
/*
 * tc_timers_run fires what is due at `now_us`, each once and disarmed before its call, so a timer
 * may arm itself and others again. One that is armed for the past by a call fires in the next run.
 */
void tc_timers_run(struct tc_timers *timers, int64_t now_us);

#endif
