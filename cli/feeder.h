/*
 * The thread that reads lists, registers targets in the store and hands them to the scan. With mail
 * domains to look up there is a second one, which does the same with their mail hosts as they come.
 * Behind the lists come names that were found in certificates, in rounds, until there is nothing
 * new.
 */
#ifndef CLI_FEEDER_H
#define CLI_FEEDER_H

#include <pthread.h>
#include <stdatomic.h>

#include "cli/expansion.h"
#include "cli/helo.h"
#include "cli/scan_run.h"
#include "tlscensus/mx.h"

struct cli_feeder {
    struct cli_scan_input *inputs;
    size_t num_inputs;
    struct tc_scan *scan; /* NULL: targets are only registered (--dry-run) */
    struct tc_writer *writer;
    struct cli_rejections *rejections;
    struct tc_mx *mx;                    /* NULL: mail domains are targets as any other */
    struct tc_shard shard;               /* the part that is wanted; {1, 1}: all */
    atomic_uint_least64_t num_elsewhere; /* targets of other shards */
    struct cli_expansion *expansion;     /* NULL: the list alone */
    char *helo; /* CLI_HELO_BYTES to fill before the first target that says it; NULL: nothing */
    pthread_t thread;
    pthread_t collector;  /* with mx */
    pthread_mutex_t lock; /* one of the two at a time hands on */
    enum tc_status collected;
    atomic_bool is_finished;
    enum tc_status status; /* valid once finished */
    struct tc_error error;
};

TC_MUST_USE enum tc_status cli_feeder_start(struct cli_feeder *feeder);
/* Waits for the threads; with `cancel` none is left waiting for a pipe or a resolver. Once. */
void cli_feeder_join(struct cli_feeder *feeder, bool cancel);

#endif
