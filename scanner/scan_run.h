/* What one run is, for the files of this room. */
#ifndef TC_SCANNER_SCAN_RUN_H
#define TC_SCANNER_SCAN_RUN_H

#include "worker.h"

enum tc_stop { TC_STOP_NO = 0, TC_STOP_ORDERLY, TC_STOP_AT_ONCE };

struct tc_scan {
    struct tc_scan_options options;
    struct tc_scan_options profiles[TC_PROFILE_COUNT]; /* for targets with one of their own */
    struct tc_scan_hooks hooks;
    struct tc_limits limits;
    struct tc_gate *gate; /* also without --per-address: mail servers have a limit of their own */
    struct tc_intake *intake;
    struct tc_tls *tls;
    struct tc_dns *dns;
    struct tc_address proxy_address; /* none without --proxy */
    size_t max_lingering;            /* connections, over all workers */
    struct tc_worker *workers;
    unsigned num_workers;
    atomic_uint stop; /* enum tc_stop */
    atomic_bool said_no_ipv4;
    atomic_bool said_no_ipv6;
    atomic_bool said_no_memory;
    uv_mutex_t lock; /* guards the rest */
    uv_cond_t ended;
    unsigned num_running; /* workers that may still give rows */
    unsigned num_threads; /* that have not left */
    struct tc_vantage vantage;
};

/* Says a thing once: `said` remembers. Any thread. */
void tc_scan_say_once(struct tc_scan *scan, atomic_bool *said, const char *text);
/* A worker's routes are part of the run's vantage. */
void tc_scan_add_vantage(struct tc_scan *scan, const struct tc_router *router);
/* A worker will give no more rows. */
void tc_scan_worker_ended(struct tc_scan *scan);
/* Its thread ends, after its sockets have lingered. */
void tc_scan_worker_left(struct tc_scan *scan);
/* A slot is free and some worker has none: wakes those that wait. */
void tc_scan_wake_starving(struct tc_scan *scan);

#endif
