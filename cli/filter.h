/*
 * The filter, `scan --format jsonl`: the stream of a scan, the database that is made for it alone
 * where none is named, and the wait for a reader when all else is done.
 */
#ifndef CLI_FILTER_H
#define CLI_FILTER_H

#include "cli/scan_run.h"

/* The zero state is a scan that is no filter. */
struct cli_filter {
    struct cli_scan_job *job; /* its stream; NULL there until cli_filter_open() */
    char *temporary_db;       /* its path; NULL where the database stays */
    int64_t deadline_us;      /* --max-duration, by the monotonic clock; 0 for none */
};

/*
 * cli_filter_open opens the stream, where the settings ask for one, and makes a temporary database,
 * whose path the settings then have. Before anything else is opened: a standard output that is
 * closed must not become another file.
 *
 * Ownership: `job` is borrowed until cli_filter_cleanup(), which is called in every case.
 * Errors:    TC_ERR_INPUT (options that do not go together), those of cli_stream_open() and
 *            cli_temporary_db_make().
 */
TC_MUST_USE enum tc_status cli_filter_open(struct cli_filter *filter, struct cli_scan_job *job,
                                           struct cli_scan_settings *settings,
                                           struct tc_error *error);
/*
 * cli_filter_check sees to it that the lines do not go into a file that the scan reads: settings
 * must be complete, groups included. Nothing has been written by then.
 * Errors: TC_ERR_INPUT.
 */
TC_MUST_USE enum tc_status cli_filter_check(const struct cli_filter *filter,
                                            const struct cli_scan_settings *settings,
                                            struct tc_error *error);

/* Where a program that we run writes: not among the lines. */
int cli_filter_child_output(const struct cli_filter *filter);
/* Whether the reader went away, so that nobody is left to be told anything. */
bool cli_filter_reader_left(const struct cli_filter *filter);
/* Whether he was too slow for a signal, or for --max-duration. */
bool cli_filter_was_cut(const struct cli_filter *filter);

/*
 * cli_filter_finish waits for the reader, last of all: the store is closed meanwhile, so that
 * another scan may have it. A signal cuts the wait, and so does the end of --max-duration, which
 * leaves a reader a few seconds at least.
 */
void cli_filter_finish(struct cli_filter *filter);
/*
 * cli_filter_status says why the stream has not got everything: TC_OK where it has, and where
 * nobody wanted more of it. Errors: those of cli_stream_status().
 */
TC_MUST_USE enum tc_status cli_filter_status(const struct cli_filter *filter,
                                             struct tc_error *error);
/* Ends the stream, closes the store and removes the temporary database. */
void cli_filter_cleanup(struct cli_filter *filter);

#endif
