/* A run against a farm, and what it told its owner: what the tests of scans share. */
#ifndef RUN_SUPPORT_H
#define RUN_SUPPORT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "tls_farm.h"
#include "tlscensus/scan.h"

#define MAX_ROWS 1024

/* All that a test needs, and what the run told it. */
struct run {
    struct tls_farm farm;
    struct tc_scan_options options;
    struct tc_scan_hooks hooks;
    struct tc_scan *scan;
    uv_mutex_t lock; /* guards the rows and the notices */
    struct tc_observation *rows[MAX_ROWS];
    size_t num_rows;
    char notices[1024];
    atomic_int refusals; /* has_room says no so often */
    atomic_int asked;
    atomic_bool saw_row_without_room;
};

extern struct tc_verifier *g_verifier; /* trusts peer_ca() */

/* A group's set-up and tear-down. */
int run_set_up(void **state);
int run_tear_down(void **state);

/* Starts a farm and sets options without limits on addresses. */
void run_init(struct run *run, unsigned num_sites, bool silent);
void run_start(struct run *run);
/* The hooks of a run; `context` is the run. */
void run_observed(void *context, struct tc_observation *observation);
bool run_has_room(void *context);
/* `pinned` NULL: the name is looked up. */
struct tc_target *run_target(const struct run *run, const char *host, const char *pinned,
                             int64_t id);
void run_push(struct run *run, const char *host, const char *pinned, int64_t id);
void run_wait(struct run *run);
/* No more targets; waits for the end. */
void run_finish(struct run *run);
size_t run_count(const struct run *run, enum tc_outcome outcome);
const struct tc_observation *run_only_row(const struct run *run);
/* After the farm was stopped. */
void run_cleanup(struct run *run);

#endif
