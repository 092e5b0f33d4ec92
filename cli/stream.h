/*
 * The stream of `scan --format jsonl`: what the writer has committed goes to a file or a pipe, on a
 * thread of its own. A slow reader holds up nobody: what he has not read yet lies in the database.
 */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "tlscensus/status.h"

struct cli_stream;

enum cli_stream_state {
    CLI_STREAM_RUNS = 0, /* or has not begun */
    CLI_STREAM_DONE,     /* all is written */
    CLI_STREAM_LEFT,     /* the reader went away */
    CLI_STREAM_CUT,      /* a stop was asked for while the reader took his time */
    CLI_STREAM_FAILED    /* it could not be written, or not be read from the database */
};

/*
 * cli_stream_open opens where the stream goes: NULL or "-" is standard output. A file is written in
 * place, and is as it was until cli_stream_start(); a FIFO waits for its reader.
 *
 * Ownership: the caller's, cli_stream_free().
 * Errors:    TC_ERR_IO, TC_ERR_NOMEM, TC_ERR_CANCELLED (a signal during that wait).
 */
TC_MUST_USE enum tc_status cli_stream_open(struct cli_stream **out, const char *path,
                                           struct tc_error *error);
/* Whether this path ("-": standard input) is the very file that the stream would be written to. */
bool cli_stream_is_file(const struct cli_stream *stream, const char *path);
/* Whether standard output is the same, by whatever name the stream was opened. */
bool cli_stream_is_stdout(const struct cli_stream *stream);
bool cli_stream_is_terminal(const struct cli_stream *stream);

/*
 * cli_stream_start follows a scan whose writer runs, and which has stored nothing of this run yet.
 * Errors: those of tc_stream_open(); TC_ERR_IO.
 */
TC_MUST_USE enum tc_status cli_stream_start(struct cli_stream *stream, const char *db,
                                            int64_t scan_id, struct tc_error *error);
enum cli_stream_state cli_stream_state(const struct cli_stream *stream);
/* Why it failed. */
enum tc_status cli_stream_status(const struct cli_stream *stream, struct tc_error *error);
/*
 * cli_stream_last says that the database has all that it will have; with `is_closed` the scan has
 * its end, which is written as well. From now on a stop that is asked for (signals.h) may cut it.
 */
void cli_stream_last(struct cli_stream *stream, bool is_closed);
/*
 * cli_stream_wait waits until all is written, or cut; at once where it never began, or where
 * nothing was said to be the last. False: `timeout_ms` is over, and it still runs. 0: no limit.
 */
bool cli_stream_wait(struct cli_stream *stream, unsigned timeout_ms);
/*
 * Ends it where it is, if it still runs. A file that was made and never begun is removed; one that
 * a link led to, where nothing was, stays, empty.
 */
void cli_stream_free(struct cli_stream *stream);

#endif
