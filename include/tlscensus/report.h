/*
 * Reports: rows in, text out. Every renderer reads the database alone, so what a page says of a
 * scan can be said again years later. The same database gives the same bytes.
 */
#ifndef TLSCENSUS_REPORT_H
#define TLSCENSUS_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tlscensus/status.h"
#include "tlscensus/store.h"

/*
 * Where a report goes: a buffered stream that remembers its first failure. With a path the bytes go
 * to a temporary file beside it, which tc_output_commit() renames: readers never see half a file.
 */
struct tc_output;
/* `path` NULL or "-": standard output. */
TC_MUST_USE enum tc_status tc_output_open(struct tc_output **out, const char *path,
                                          struct tc_error *error);
/* An output into memory, for tests; tc_output_memory gives the bytes (borrowed). */
TC_MUST_USE enum tc_status tc_output_open_memory(struct tc_output **out);
const char *tc_output_memory(const struct tc_output *output, size_t *out_len);
/*
 * A tc_output_sink takes all of `len` bytes, which are borrowed for the call, and gives 0, or the
 * errno of a failure, after which it is not called again. It runs on the thread that writes to the
 * output, and may wait there. Whole buffers come to it: what they mean it need not know.
 *
 * tc_output_open_sink opens an output whose bytes go to `sink`, for who must not wait for a reader
 * without an end. `name` is what errors call it.
 *
 * Ownership: the caller's, tc_output_commit() or tc_output_discard(); the latter drops what is
 *            still buffered, without a call. `name` is copied, `context` borrowed until then.
 * Errors:    TC_ERR_NOMEM. What the sink refused is told by tc_output_commit(): TC_ERR_IO.
 */
typedef int (*tc_output_sink)(void *context, const char *bytes, size_t len);
TC_MUST_USE enum tc_status tc_output_open_sink(struct tc_output **out, const char *name,
                                               tc_output_sink sink, void *context,
                                               struct tc_error *error);
/*
 * tc_output_open_aside opens an output that keeps what comes too early for `beside`, in a file that
 * has no name: in the folder of its file, or where `beside` has none in $TMPDIR, /var/tmp or /tmp.
 * tc_output_append gives it all to `output`, once; a failure on the way is a failure of `output`.
 * tc_output_discard frees it. Errors: TC_ERR_IO, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_output_open_aside(struct tc_output **out,
                                                const struct tc_output *beside,
                                                struct tc_error *error);
void tc_output_append(struct tc_output *output, struct tc_output *aside);
void tc_output_write(struct tc_output *output, const char *bytes, size_t len);
void tc_output_str(struct tc_output *output, const char *text);
void tc_output_printf(struct tc_output *output, const char *format, ...) TC_PRINTF(2, 3);
/* Hands on what is buffered, for a reader who waits. */
void tc_output_flush(struct tc_output *output);
/* Whether something could not be written (a full disk, a closed pipe): stop early. */
bool tc_output_failed(const struct tc_output *output);
/* Flushes, syncs and renames. Frees the output in every case. */
TC_MUST_USE enum tc_status tc_output_commit(struct tc_output *output, struct tc_error *error);
/* Frees the output and removes the temporary file. */
void tc_output_discard(struct tc_output *output);

enum tc_table {
    TC_TABLE_ENDPOINTS = 0,
    TC_TABLE_CERTIFICATES,
    TC_TABLE_FINDINGS,
    TC_TABLE_CHANGES,
    TC_TABLE_INVENTORY
};

struct tc_csv_options {
    bool bom;
    bool formula_guard;    /* a leading ' before text that a spreadsheet would compute */
    bool excel_eu;         /* ; and decimal comma */
    uint64_t max_rows;     /* --split-rows; 0: all */
    uint64_t first_row;    /* rows to skip: the part of a split */
    unsigned min_severity; /* of changes; 0: all */
};
/* `*out_rows` is the number of rows written, without the header. */
TC_MUST_USE enum tc_status tc_report_csv(struct tc_output *output, struct tc_store *store,
                                         int64_t scan_id, enum tc_table table,
                                         const struct tc_csv_options *options, uint64_t *out_rows,
                                         struct tc_error *error);
TC_MUST_USE enum tc_status tc_report_json(struct tc_output *output, struct tc_store *store,
                                          int64_t scan_id, struct tc_error *error);
TC_MUST_USE enum tc_status tc_report_jsonl(struct tc_output *output, struct tc_store *store,
                                           int64_t scan_id, struct tc_error *error);

/*
 * A scan as JSON Lines while it is written, through a connection of its own: the lines of
 * tc_report_jsonl(), in another order, and with null for what is known when the scan is done.
 */
struct tc_stream;
/*
 * tc_stream_open follows the scan in the database at `db`; what it has stored until then is not
 * sent. The writer may be at work on another thread or in another process, and may close its own
 * store while the stream is still open.
 *
 * Ownership: the caller's, tc_stream_close(). `output` is borrowed until then and has one user:
 *            nobody else writes to it. `db` is not needed after the call.
 * Threads:   one at a time, and not always the same.
 * Errors:    as tc_store_open(), which reads; TC_ERR_STORE (no temporary table can be made).
 */
TC_MUST_USE enum tc_status tc_stream_open(struct tc_stream **out, struct tc_output *output,
                                          const char *db, int64_t scan_id, struct tc_error *error);
/*
 * tc_stream_more writes and flushes what was committed since the last call, or a part of it; the
 * scan's own line comes first. While the output takes its time no transaction is open.
 * Errors: TC_ERR_END (there is nothing new), TC_ERR_STORE, TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status tc_stream_more(struct tc_stream *stream, struct tc_error *error);
/*
 * tc_stream_end writes and flushes what the closed scan has besides: findings, changes, and the
 * scan's line once more, by which a reader knows that nothing is missing. It wants the scan to have
 * its end (tc_store_end_scan) and tc_stream_more() to have said TC_ERR_END. One read transaction is
 * open all the while, also while the output takes its time. Nothing but the close follows, after a
 * failure too.
 * Errors: TC_ERR_STORE, TC_ERR_NOMEM. What could not be written is the output's: it remembers.
 */
TC_MUST_USE enum tc_status tc_stream_end(struct tc_stream *stream, struct tc_error *error);
/* NULL is allowed. The output stays the caller's, and has what was flushed. */
void tc_stream_close(struct tc_stream *stream);

/* Series for each endpoint: up to TC_PER_ENDPOINT_MAX of them, always, never. */
enum tc_per_endpoint { TC_PER_ENDPOINT_AUTO = 0, TC_PER_ENDPOINT_YES, TC_PER_ENDPOINT_NO };
#define TC_PER_ENDPOINT_MAX 2000

struct tc_prometheus_options {
    enum tc_per_endpoint per_endpoint;
    const char *const *labels; /* --label: labels of the input that endpoints' series have */
    size_t num_labels;
    const char *tool_version;
};
/*
 * tc_report_prometheus writes gauges in the Prometheus text format for the textfile collector: no
 * sample has a timestamp, and what is not known has no series.
 * Errors: TC_ERR_INPUT (a label that the scan does not have).
 */
TC_MUST_USE enum tc_status tc_report_prometheus(struct tc_output *output, struct tc_store *store,
                                                int64_t scan_id,
                                                const struct tc_prometheus_options *options,
                                                struct tc_error *error);

struct tc_icalendar_options {
    unsigned within_days; /* --within */
    const char *group_by; /* the label for CATEGORIES; NULL: as struct tc_html_options has it */
};
/*
 * tc_report_icalendar writes an all-day event for each server certificate that ends within the
 * time, and once more, as cancelled, for each that was replaced and would have.
 *
 * Errors: TC_ERR_INPUT (a label that the scan does not have).
 * Spec:   RFC 5545.
 */
TC_MUST_USE enum tc_status tc_report_icalendar(struct tc_output *output, struct tc_store *store,
                                               int64_t scan_id,
                                               const struct tc_icalendar_options *options,
                                               struct tc_error *error);
/*
 * tc_report_changes_json writes the scan and its changes alone. Changes are the stored ones, or
 * those of tc_store_compare(), as in every report.
 */
TC_MUST_USE enum tc_status tc_report_changes_json(struct tc_output *output, struct tc_store *store,
                                                  int64_t scan_id, unsigned min_severity,
                                                  bool lines, struct tc_error *error);

struct tc_html_options {
    int64_t compared_with; /* the old scan of tc_store_compare(); 0: what is stored with the scan */
    const char *title;    /* --title; NULL: the input's most frequent registrable domain or label */
    const char *group_by; /* --group-by LABEL; NULL: by department, organization or owner, whichever
                             is there, else by registrable domain */
    size_t max_rows;      /* --rows: rendered rows; 0: 2,000 */
    size_t max_details;   /* --details; 0 means the default, 50 */
    bool no_script;       /* every row rendered, nothing drawn by script */
    const char *split_value; /* only rows whose group is this; NULL: all */
    const char *tool_version;
};
TC_MUST_USE enum tc_status tc_report_html(struct tc_output *output, struct tc_store *store,
                                          int64_t scan_id, const struct tc_html_options *options,
                                          struct tc_error *error);

/*
 * tc_report_html_split writes one page for each value of the label `split_by` beside `index_path`
 * (report.html: report-physics.html, …), one more for endpoints without the label, and at
 * `index_path` a page that lists them with their sums. Pages are there before the index is. Of
 * `options` group_by and split_value are not used.
 * Errors: TC_ERR_INPUT (no such label, more than 1,000 values, `index_path` is standard output).
 */
TC_MUST_USE enum tc_status tc_report_html_split(const char *index_path, struct tc_store *store,
                                                int64_t scan_id, const char *split_by,
                                                const struct tc_html_options *options,
                                                struct tc_error *error);

/* The terminal: `show`, `inspect`, `scans`, and the summary at the end of a scan. */
struct tc_terminal_options {
    bool color;
    bool utf8;
    int columns; /* width; 0: 80, and text is never cut */
};
/*
 * tc_report_show draws one endpoint of a scan on one screen: verdict, cipher, certificate, chain as
 * a tree with days left, timeline, findings. `host` and `port` pick it (every address of it).
 * Errors: TC_ERR_NOT_FOUND.
 */
TC_MUST_USE enum tc_status tc_report_show(struct tc_output *output, struct tc_store *store,
                                          int64_t scan_id, const char *host, unsigned port,
                                          const struct tc_terminal_options *options,
                                          struct tc_error *error);
TC_MUST_USE enum tc_status tc_report_scans(struct tc_output *output, struct tc_store *store,
                                           const struct tc_terminal_options *options,
                                           struct tc_error *error);
/* At most 15 lines: what answered, what expires, what is broken. */
TC_MUST_USE enum tc_status tc_report_summary(struct tc_output *output, struct tc_store *store,
                                             int64_t scan_id,
                                             const struct tc_terminal_options *options,
                                             struct tc_error *error);

struct tc_diff_options {
    const struct tc_terminal_options *terminal;
    const char *page;      /* address of a page of the new scan, for links into it; or NULL */
    unsigned min_severity; /* 0: also what is not worth a mail */
};
/* How many changes there are. */
TC_MUST_USE enum tc_status tc_report_diff_count(uint64_t *out, struct tc_store *store,
                                                int64_t scan_id, unsigned min_severity,
                                                struct tc_error *error);
/*
 * tc_report_diff says what changed from `base_id` to `scan_id` in at most 40 lines: new problems,
 * what was lost, what changed, what was fixed, each with its owner. Nothing where nothing changed.
 */
TC_MUST_USE enum tc_status tc_report_diff(struct tc_output *output, struct tc_store *store,
                                          int64_t base_id, int64_t scan_id,
                                          const struct tc_diff_options *options,
                                          struct tc_error *error);

/* A fact of a survey and the sentence that says what it means: page, help and man page have the
 * same. Texts are static. */
struct tc_report_fact {
    const char *title;
    const char *sentence;
    const char *better; /* " Yes is better."; "" where neither is */
};
/* The facts in the order in which they are shown, from 0; false after the last. */
bool tc_report_fact(struct tc_report_fact *out, size_t index);

#endif
