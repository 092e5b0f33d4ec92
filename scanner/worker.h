/*
 * One worker: a thread with a libuv loop, its targets, endpoints and sockets. Workers share the
 * intake, the limits and the gate, and nothing else.
 */
#ifndef TC_SCANNER_WORKER_H
#define TC_SCANNER_WORKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uv.h>

#include "endpoint.h"
#include "intake.h"
#include "pool.h"
#include "resolver.h"
#include "route.h"
#include "turns.h"

/* Names looked up ahead of the endpoints that can begin: what c-ares may have in flight. */
#define TC_LOOKAHEAD 128
/* Endpoints that wait without a slot, over all workers: half a kilobyte each. */
#define TC_MAX_WAITING 32768
/*
 * Surveys at work over all workers, 20 KB each: where they are more, no target is
 * begun. Those that are begun already may become surveys too, so it is a bound and not a count.
 */
#define TC_MAX_SURVEYS 8192

struct tc_scan;

/* Numbers that other threads read for the progress line. Written by the worker alone. */
struct tc_worker_counts {
    _Atomic uint64_t targets_done;
    _Atomic uint64_t endpoints_done;
    _Atomic uint64_t by_outcome[TC_OUTCOME_COUNT];
    _Atomic uint64_t in_flight;
    _Atomic uint64_t surveying;
    _Atomic uint64_t waiting;
    _Atomic uint64_t lingering;
    _Atomic uint64_t phase_us[4]; /* dns, connect, server hello, rest: sums over ok endpoints */
};

/* One target at work: its lookup, then its endpoints. */
struct tc_task {
    struct tc_endpoint_origin origin; /* first member; owns the target and the CNAME chain */
    struct tc_worker *worker;
    size_t num_open;       /* endpoints that are not done */
    unsigned lookups;      /* begun */
    struct tc_timer timer; /* pause before another lookup */
    struct tc_task *next;  /* in the worker's list */
    struct tc_task *previous;
    bool is_looking_up; /* its lookup will call back */
};

struct tc_worker {
    struct tc_scan *scan;
    uv_thread_t thread;
    uv_loop_t loop;
    uv_poll_t sockets; /* epoll_fd: all target sockets are in this one set */
    uv_timer_t timer;  /* wakes the loop for the first of `timers` */
    uv_async_t wake;   /* from other threads */
    uv_prepare_t prepare;
    uv_check_t check;
    uv_idle_t idle; /* active while there is work that needs no event */
    int epoll_fd;
    unsigned num_handles; /* open ones */
    bool has_loop;
    bool has_thread;
    bool has_ended; /* its rows are out, and the run's owner knows */
    bool is_closing;

    struct tc_io io;
    uint64_t random; /* state of the io's generator */
    struct tc_resolver *resolver;
    struct tc_router *router;
    struct tc_scratch scratch;
    struct tc_cert_memory cert_memory;
    struct tc_timers timers;
    struct tc_timer intake_timer; /* asks for room again */
    struct tc_loop_lag lag;
    int64_t looked_us; /* when the loop last had looked for events */
    int64_t armed_us;  /* what `timer` is set to; INT64_MAX: nothing */

    struct tc_endpoint_shared shared;
    struct tc_turns turns;
    struct tc_pool endpoints;
    struct tc_pool connections;
    struct tc_pool tasks;
    struct tc_endpoint_list in_flight;
    struct tc_endpoint_list surveying; /* in SURVEY: they hold no slot, their probes may */
    struct tc_endpoint *unprepared;    /* first in flight whose hello was not made ahead; or NULL */
    struct tc_task *first_task;
    size_t num_tasks;
    size_t num_lookups;                      /* tasks whose addresses are not known yet */
    struct tc_connection *spare_connections; /* made ready before */
    struct tc_connection *first_ready;       /* events noted, to be driven; oldest first */
    struct tc_connection *last_ready;
    struct tc_connection *first_lingering; /* oldest first */
    struct tc_connection *last_lingering;
    size_t num_lingering;
    size_t max_lingering;

    atomic_bool is_hungry; /* it found the intake empty */
    bool is_stopping;
    uv_mutex_t call_lock; /* guards the list below, and is_called and called_next in it */
    struct tc_endpoint *first_called; /* by the gate */

    struct tc_worker_counts counts;
};

/*
 * tc_worker_init makes all that a worker needs, on the thread that starts the run. What it opened
 * before a failure is closed by tc_worker_cleanup().
 * Errors: as tc_scan_start().
 */
TC_MUST_USE enum tc_status tc_worker_init(struct tc_worker *worker, struct tc_scan *scan,
                                          struct tc_error *error);
/* Errors: TC_ERR_IO. */
TC_MUST_USE enum tc_status tc_worker_start(struct tc_worker *worker, struct tc_error *error);
/* tc_worker_join waits for its thread to end; nothing where it never began. Once. */
void tc_worker_join(struct tc_worker *worker);
/* After tc_worker_join() of all workers of the run. */
void tc_worker_cleanup(struct tc_worker *worker);
/* Any thread. */
void tc_worker_wake(struct tc_worker *worker);
/* The gate's call: the waiter is an endpoint of some worker. Any thread. */
void tc_worker_gate_wake(struct tc_gate_waiter *waiter, int64_t at_us);

/* The loop takes one more turn before it sleeps, so that work() is called. */
void tc_worker_stay_awake(struct tc_worker *worker);

/* Inside the room: worker_targets.c */
/* tc_worker_begin_target takes a target and starts its lookup or its endpoints. */
void tc_worker_begin_target(struct tc_worker *worker, struct tc_target *target);
/* Every target that has nothing in flight is forgotten, without a row. */
void tc_worker_drop_targets(struct tc_worker *worker);
/* One endpoint of the task is over. Its row, if any, is handed out before. */
void tc_task_endpoint_over(struct tc_task *task);
/* Hands a row to the run's owner and counts it. NULL where memory ran out. */
void tc_worker_emit(struct tc_worker *worker, struct tc_observation *observation);

/* Inside the room: worker_io.c */
void tc_worker_io_init(struct tc_worker *worker);
/* Notes what has happened on the sockets; those connections are queued. */
void tc_worker_collect_events(struct tc_worker *worker);

/* Inside the room: worker_connections.c */
/* NULL without memory. */
struct tc_connection *tc_worker_take_connection(struct tc_worker *worker);
/* An endpoint has finished with it. */
void tc_worker_part(struct tc_worker *worker, struct tc_connection *connection);
void tc_worker_queue_ready(struct tc_worker *worker, struct tc_connection *connection);
/* The connection whose events have waited longest, taken out of the queue; NULL if none. */
struct tc_connection *tc_worker_next_ready(struct tc_worker *worker);
/* Drives one that lingers: reads and forgets, and closes it when the peer has. */
void tc_worker_drive_lingering(struct tc_worker *worker, struct tc_connection *connection);
/* Closes the one that has lingered longest; false where none does. */
bool tc_worker_close_oldest(struct tc_worker *worker);
void tc_worker_close_lingering(struct tc_worker *worker);
void tc_worker_cleanup_connections(struct tc_worker *worker);

#endif
