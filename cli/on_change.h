/* Tells a program of the user's what changed: `scan --on-change`. */
#ifndef CLI_ON_CHANGE_H
#define CLI_ON_CHANGE_H

#include "tlscensus/store.h"

/* Whether it can be run, before a scan takes hours. Errors: TC_ERR_INPUT. */
TC_MUST_USE enum tc_status cli_on_change_check(const char *program, struct tc_error *error);

/*
 * cli_on_change runs `program` where a scan found something worth a mail changed: without a shell
 * and without arguments, the changes on its standard input as `diff --format json` has them, in a
 * process group of its own, and waits for it. `program` is a path, and `output` the descriptor that
 * is its standard output. What is not done after `timeout_ms`, or when the user stops us meanwhile,
 * is stopped: first by SIGTERM.
 *
 * Errors: TC_ERR_IO (it cannot be run, ended with another code than 0, or was stopped), and those
 * of the report.
 */
TC_MUST_USE enum tc_status cli_on_change(struct tc_store *store, int64_t scan_id,
                                         const char *program, unsigned timeout_ms, int output,
                                         struct tc_error *error);

#endif
