/* `scans`, and the summary at the end of a scan. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "columns.h"
#include "terminal.h"
#include "tlscensus/sql.h"

#define LIST_TEXT_MAX ((size_t)16 * 1024 * 1024)

/* "59s", "3m20s", "2h05m", "31h": six columns at most. */
static void format_duration(char *out, size_t size, int64_t seconds)
{
    if (seconds < 60) {
        snprintf(out, size, "%" PRId64 "s", seconds);
    } else if (seconds < 3600) {
        snprintf(out, size, "%" PRId64 "m%02" PRId64 "s", seconds / 60, seconds % 60);
    } else if (seconds < 86400) {
        snprintf(out, size, "%" PRId64 "h%02" PRId64 "m", seconds / 3600, seconds % 3600 / 60);
    } else {
        snprintf(out, size, "%" PRId64 "h", seconds / 3600);
    }
}

/* Exact up to six digits, then in millions: "10.0M". */
static void format_count(char *out, size_t size, int64_t count)
{
    if (count < 1000000) {
        snprintf(out, size, "%" PRId64, count);
    } else {
        snprintf(out, size, "%" PRId64 ".%" PRId64 "M", count / 1000000, count % 1000000 / 100000);
    }
}

/* ---- scans ---- */

static void draw_right(struct tc_terminal *term, enum tc_style style, size_t end, const char *text)
{
    size_t len = strlen(text);
    tc_term_pad(term, end > len ? end - len : 0);
    tc_term_text(term, style, text);
}

/* Where the columns of the table begin, or end where they hold numbers. */
enum {
    SCAN_ID_END = 4,
    SCAN_STARTED = 5,
    SCAN_STATE = 22,
    SCAN_PROFILE = 34,
    SCAN_TARGETS_END = 49,
    SCAN_ENDPOINTS_END = 56,
    SCAN_OK_END = 61,
    SCAN_HIGH_END = 67,
    SCAN_TOOK_END = 74,
    SCAN_LIST = 75
};

static void draw_scans_head(struct tc_terminal *term)
{
    draw_right(term, TC_STYLE_DIM, SCAN_ID_END, "id");
    tc_term_pad(term, SCAN_STARTED);
    tc_term_text(term, TC_STYLE_DIM, "started (UTC)");
    tc_term_pad(term, SCAN_STATE);
    tc_term_text(term, TC_STYLE_DIM, "state");
    tc_term_pad(term, SCAN_PROFILE);
    tc_term_text(term, TC_STYLE_DIM, "profile");
    draw_right(term, TC_STYLE_DIM, SCAN_TARGETS_END, "targets");
    draw_right(term, TC_STYLE_DIM, SCAN_ENDPOINTS_END, "endp.");
    draw_right(term, TC_STYLE_DIM, SCAN_OK_END, "answ.");
    draw_right(term, TC_STYLE_DIM, SCAN_HIGH_END, "high+");
    draw_right(term, TC_STYLE_DIM, SCAN_TOOK_END, "took");
    tc_term_pad(term, SCAN_LIST);
    tc_term_text(term, TC_STYLE_DIM, "list");
    tc_term_newline(term);
}

static void draw_scan_counts(struct tc_terminal *term, const struct tc_rows *rows)
{
    char text[48];
    int64_t endpoints = tc_row_int(rows, "endpoints");
    int64_t high = tc_row_int(rows, "findings_high");
    format_count(text, sizeof text, tc_row_int(rows, "targets"));
    draw_right(term, TC_STYLE_PLAIN, SCAN_TARGETS_END, text);
    format_count(text, sizeof text, endpoints);
    draw_right(term, TC_STYLE_PLAIN, SCAN_ENDPOINTS_END, text);
    if (endpoints > 0) { /* rounded down: 100% means all */
        snprintf(text, sizeof text, "%" PRId64 "%%",
                 tc_row_int(rows, "answered") * 100 / endpoints);
        draw_right(term, TC_STYLE_PLAIN, SCAN_OK_END, text);
    }
    format_count(text, sizeof text, high);
    draw_right(term, high > 0 ? TC_STYLE_HIGH : TC_STYLE_PLAIN, SCAN_HIGH_END, text);
    /* A clock that was set back meanwhile leaves less than nothing. */
    if (!tc_row_is_null(rows, "duration_s") && tc_row_int(rows, "duration_s") >= 0) {
        format_duration(text, sizeof text, tc_row_int(rows, "duration_s"));
        draw_right(term, TC_STYLE_PLAIN, SCAN_TOOK_END, text);
    }
}

static void draw_scan(struct tc_terminal *term, const struct tc_rows *rows)
{
    struct tc_buf hash;
    char text[48];
    const char *state = tc_row_text(rows, "state");
    snprintf(text, sizeof text, "%" PRId64, tc_row_int(rows, "scan_id"));
    draw_right(term, TC_STYLE_BOLD, SCAN_ID_END, text);
    tc_term_pad(term, SCAN_STARTED);
    tc_term_printf(term, TC_STYLE_PLAIN, "%.16s", tc_row_text(rows, "started_utc"));
    tc_term_pad(term, SCAN_STATE);
    tc_term_text(term, strcmp(state, "done") == 0 ? TC_STYLE_GOOD : TC_STYLE_MEDIUM, state);
    tc_term_pad(term, SCAN_PROFILE);
    tc_term_text(term, TC_STYLE_PLAIN, tc_row_text(rows, "profile"));
    draw_scan_counts(term, rows);
    tc_buf_init(&hash, 128);
    if (!tc_row_is_null(rows, "input_sha256")) { /* enough to see which scans had the same list */
        tc_add_hash(&hash, rows, tc_row_column(rows, "input_sha256"));
        tc_term_pad(term, SCAN_LIST);
        tc_term_printf(term, TC_STYLE_DIM, "%.5s", hash.data != NULL ? hash.data : "");
    }
    tc_buf_cleanup(&hash);
    tc_term_newline(term);
}

enum tc_status tc_report_scans(struct tc_output *output, struct tc_store *store,
                               const struct tc_terminal_options *options, struct tc_error *error)
{
    struct tc_buf text;
    struct tc_terminal term;
    struct tc_rows *rows = NULL;
    tc_buf_init(&text, LIST_TEXT_MAX);
    tc_term_init(&term, &text, options);
    enum tc_status status = tc_rows_open(&rows, store, tc_sql_report_scans, error);
    if (status != TC_OK) {
        return status;
    }
    draw_scans_head(&term);
    while ((status = tc_rows_next(rows, error)) == TC_OK) {
        draw_scan(&term, rows);
    }
    if (text.data != NULL) {
        tc_output_write(output, text.data, text.len);
    }
    tc_rows_close(rows);
    tc_buf_cleanup(&text);
    return status == TC_ERR_END ? TC_OK : status;
}
