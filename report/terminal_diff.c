/* What changed, for a mail: at most 40 lines, the worst first. */
#include <inttypes.h>
#include <string.h>

#include "columns.h"
#include "diff_words.h"
#include "labels.h"
#include "terminal.h"
#include "tlscensus/sql.h"

#define MAX_LINES     40U
#define DIFF_TEXT_MAX ((size_t)1024 * 1024)
#define WORDS_MAX     ((size_t)16 * 1024)

struct diff {
    struct tc_terminal term;
    const struct tc_diff_options *options;
    struct tc_rows *rows;
    uint64_t targets[TC_DIFF_PARTS]; /* that each part has */
    uint64_t room[TC_DIFF_PARTS];    /* and how many of them are written */
    /* the walk */
    int64_t part;
    int64_t target_id;
    uint64_t num_targets; /* of the part, this one included */
    int64_t place; /* where the page has the target: 2 a row, 1 among the unreachable, 0 nowhere */
    unsigned num_sentences;
    bool is_drawn;
};

/* ---- how many fit ---- */

static enum tc_status count_targets(struct diff *diff, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    int64_t part = -1;
    int64_t target_id = -1;
    while ((status = tc_rows_next(diff->rows, error)) == TC_OK) {
        if (tc_row_int(diff->rows, "part") != part ||
            tc_row_int(diff->rows, "target_id") != target_id) {
            part = tc_row_int(diff->rows, "part");
            target_id = tc_row_int(diff->rows, "target_id");
            diff->targets[part]++;
        }
    }
    tc_rows_reset(diff->rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/*
 * Lines are shared out: the head takes one, its note and the hint at the end one each, a part three
 * (an empty line, its heading, and how many more there are). The rest goes round, a target at a
 * time, so that no part hides another.
 */
static void share_room(struct diff *diff, bool has_note)
{
    uint64_t lines = MAX_LINES - (has_note ? 3 : 2);
    uint64_t lines_each = diff->options->page != NULL ? 2 : 1;
    for (size_t part = 0; part < TC_DIFF_PARTS; part++) {
        lines -= diff->targets[part] > 0 ? 3 : 0;
    }
    for (bool found = true; found;) {
        found = false;
        for (size_t part = 0; part < TC_DIFF_PARTS && lines >= lines_each; part++) {
            if (diff->room[part] < diff->targets[part]) {
                diff->room[part]++;
                lines -= lines_each;
                found = true;
            }
        }
    }
}

/* ---- drawing ---- */

static void draw_head(struct diff *diff, const struct tc_rows *scans, int64_t base_id,
                      int64_t scan_id)
{
    struct tc_terminal *term = &diff->term;
    bool first = true;
    tc_term_printf(term, TC_STYLE_BOLD,
                   "tlscensus: scan %" PRId64 " (%s UTC) since scan %" PRId64 " (%s UTC):", scan_id,
                   tc_row_text(scans, "new_utc"), base_id, tc_row_text(scans, "old_utc"));
    for (size_t part = 0; part < TC_DIFF_PARTS; part++) {
        if (diff->targets[part] > 0) {
            tc_term_printf(term, TC_STYLE_BOLD, "%s%" PRIu64 " %s", first ? " " : ", ",
                           diff->targets[part], tc_diff_counted((int64_t)part));
            first = false;
        }
    }
    tc_term_newline(term);
}

static void draw_note(struct diff *diff, const char *note)
{
    if (note != NULL) {
        tc_term_text(&diff->term, TC_STYLE_PLAIN, note);
        tc_term_newline(&diff->term);
    }
}

/* A fragment as the page writes it: what has no meaning of its own there is left as it is. */
static void draw_link(struct diff *diff, const char *host, int64_t port)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    struct tc_terminal *term = &diff->term;
    bool is_ipv6 = strchr(host, ':') != NULL;
    if (diff->place != 2) {
        tc_term_printf(term, TC_STYLE_DIM, "    %s#%s", diff->options->page,
                       diff->place == 1 ? "unreachable" : "changes");
        tc_term_newline(term);
        return;
    }
    tc_term_printf(term, TC_STYLE_DIM, "    %s#e=%s", diff->options->page, is_ipv6 ? "[" : "");
    for (const char *c = host; *c != '\0'; c++) {
        if (strchr(plain, *c) != NULL || *c == ':') {
            tc_term_printf(term, TC_STYLE_DIM, "%c", *c);
        } else {
            tc_term_printf(term, TC_STYLE_DIM, "%%%02X", (unsigned char)*c);
        }
    }
    tc_term_printf(term, TC_STYLE_DIM, "%s:%" PRId64, is_ipv6 ? "]" : "", port);
    tc_term_newline(term);
}

/* Ends the target that is being drawn. Its row is gone, so what its link needs was kept. */
static void end_target(struct diff *diff, const char *host, int64_t port)
{
    if (!diff->is_drawn) {
        return;
    }
    if (diff->num_sentences > TC_DIFF_SENTENCES) {
        tc_term_printf(&diff->term, TC_STYLE_PLAIN, "; %u more",
                       diff->num_sentences - TC_DIFF_SENTENCES);
    }
    tc_term_newline(&diff->term);
    if (diff->options->page != NULL) {
        draw_link(diff, host, port);
    }
    diff->is_drawn = false;
}

static void end_part(struct diff *diff)
{
    if (diff->part < 0 || diff->targets[diff->part] <= diff->room[diff->part]) {
        return;
    }
    tc_term_printf(&diff->term, TC_STYLE_DIM, "  and %" PRIu64 " more",
                   diff->targets[diff->part] - diff->room[diff->part]);
    tc_term_newline(&diff->term);
}

static void begin_part(struct diff *diff, int64_t part)
{
    diff->part = part;
    diff->num_targets = 0;
    tc_term_heading(&diff->term, tc_diff_heading(part));
}

static void draw_owner(struct tc_terminal *term, const char *owner)
{
    struct tc_buf text;
    if (owner[0] == '\0') {
        return;
    }
    tc_buf_init(&text, WORDS_MAX);
    tc_buf_add_str(&text, " (");
    tc_diff_add_value(&text, owner);
    tc_buf_add_str(&text, ")");
    tc_term_text(term, TC_STYLE_DIM, text.data != NULL ? text.data : "");
    tc_buf_cleanup(&text);
}

static void begin_target(struct diff *diff)
{
    struct tc_terminal *term = &diff->term;
    const char *host = tc_row_text(diff->rows, "host");
    bool is_ipv6 = strchr(host, ':') != NULL;
    diff->target_id = tc_row_int(diff->rows, "target_id");
    diff->place = tc_row_int(diff->rows, "place");
    diff->num_targets++;
    diff->num_sentences = 0;
    diff->is_drawn = diff->num_targets <= diff->room[diff->part];
    if (!diff->is_drawn) {
        return;
    }
    tc_term_text(term, TC_STYLE_PLAIN, is_ipv6 ? "  [" : "  ");
    tc_term_text(term, tc_term_severity_style((unsigned)tc_row_int(diff->rows, "worst")), host);
    tc_term_printf(term, TC_STYLE_PLAIN, "%s:%" PRId64, is_ipv6 ? "]" : "",
                   tc_row_int(diff->rows, "port"));
    draw_owner(term, tc_row_text(diff->rows, "owner"));
    tc_term_text(term, TC_STYLE_PLAIN, ": ");
}

static void draw_sentence(struct diff *diff)
{
    struct tc_buf words;
    diff->num_sentences++;
    if (!diff->is_drawn || diff->num_sentences > TC_DIFF_SENTENCES) {
        return;
    }
    tc_buf_init(&words, WORDS_MAX);
    tc_diff_words(&words, diff->rows);
    tc_term_text(&diff->term, TC_STYLE_PLAIN, diff->num_sentences > 1 ? "; " : "");
    tc_term_text(&diff->term, TC_STYLE_PLAIN, words.data != NULL ? words.data : "");
    tc_buf_cleanup(&words);
}

static enum tc_status draw_rows(struct diff *diff, struct tc_error *error)
{
    enum tc_status status = TC_OK;
    struct tc_buf host;
    int64_t port = 0;
    tc_buf_init(&host, WORDS_MAX);
    while ((status = tc_rows_next(diff->rows, error)) == TC_OK) {
        int64_t part = tc_row_int(diff->rows, "part");
        bool is_other_part = part != diff->part;
        if (is_other_part || tc_row_int(diff->rows, "target_id") != diff->target_id) {
            end_target(diff, host.data, port);
            if (is_other_part) {
                end_part(diff);
                begin_part(diff, part);
            }
            begin_target(diff);
            tc_buf_clear(&host);
            tc_buf_add_str(&host, tc_row_text(diff->rows, "host"));
            port = tc_row_int(diff->rows, "port");
        }
        draw_sentence(diff);
    }
    if (status == TC_ERR_END) {
        end_target(diff, host.data, port);
        end_part(diff);
        status = TC_OK;
    }
    tc_buf_cleanup(&host);
    return status;
}

static void draw_hint(struct diff *diff)
{
    for (size_t part = 0; part < TC_DIFF_PARTS; part++) {
        if (diff->targets[part] > diff->room[part]) {
            tc_term_text(&diff->term, TC_STYLE_DIM, "All of it: tlscensus diff --format csv");
            tc_term_newline(&diff->term);
            return;
        }
    }
}

/* ---- all of it ---- */

/* The label that names owners; a scan of an empty list has none, so the one before is asked too. */
static enum tc_status find_owner(struct tc_label_columns *out, struct tc_store *store,
                                 int64_t base_id, int64_t scan_id, struct tc_error *error)
{
    enum tc_status status = tc_label_columns_load(out, store, scan_id, error);
    if (status == TC_OK && tc_label_columns_owner(out) < 0) {
        tc_label_columns_cleanup(out);
        status = tc_label_columns_load(out, store, base_id, error);
    }
    return status;
}

static enum tc_status draw_diff(struct diff *diff, struct tc_store *store, int64_t base_id,
                                int64_t scan_id, struct tc_error *error)
{
    struct tc_rows *scans = NULL;
    struct tc_buf note;
    enum tc_status status = tc_rows_open(&scans, store, tc_sql_report_diff_scans, error);
    if (status != TC_OK) {
        return status;
    }
    tc_buf_init(&note, WORDS_MAX);
    tc_rows_bind_int(scans, ":scan_id", scan_id);
    tc_rows_bind_int(scans, ":base_id", base_id);
    status = count_targets(diff, error);
    if (status == TC_OK) {
        status = tc_rows_next(scans, error);
    }
    if (status == TC_OK) {
        tc_diff_trust_words(&note, scans);
        share_room(diff, note.len > 0);
        draw_head(diff, scans, base_id, scan_id);
        draw_note(diff, note.data);
        status = draw_rows(diff, error);
        draw_hint(diff);
    }
    tc_buf_cleanup(&note);
    tc_rows_close(scans);
    return status;
}

static enum tc_status open_rows(struct diff *diff, struct tc_store *store, int64_t base_id,
                                int64_t scan_id, struct tc_error *error)
{
    struct tc_label_columns labels = {0};
    enum tc_status status = find_owner(&labels, store, base_id, scan_id, error);
    if (status == TC_OK) {
        status = tc_rows_open(&diff->rows, store, tc_sql_report_diff, error);
    }
    if (status == TC_OK) {
        int owner = tc_label_columns_owner(&labels);
        tc_rows_bind_int(diff->rows, ":scan_id", scan_id);
        tc_rows_bind_int(diff->rows, ":min_severity", diff->options->min_severity);
        tc_rows_bind_text(diff->rows, ":owner_label",
                          owner >= 0 ? labels.columns[owner].label : "");
    }
    tc_label_columns_cleanup(&labels);
    return status;
}

enum tc_status tc_report_diff(struct tc_output *output, struct tc_store *store, int64_t base_id,
                              int64_t scan_id, const struct tc_diff_options *options,
                              struct tc_error *error)
{
    struct tc_buf text;
    struct diff diff = {.options = options, .part = -1};
    uint64_t num_changes = 0;
    enum tc_status status =
        tc_report_diff_count(&num_changes, store, scan_id, options->min_severity, error);
    if (status != TC_OK || num_changes == 0) {
        return status;
    }
    tc_buf_init(&text, DIFF_TEXT_MAX);
    tc_term_init(&diff.term, &text, options->terminal);
    status = tc_store_begin_read(store, error);
    if (status == TC_OK) {
        status = open_rows(&diff, store, base_id, scan_id, error);
        if (status == TC_OK) {
            status = draw_diff(&diff, store, base_id, scan_id, error);
        }
        tc_rows_close(diff.rows);
        tc_store_end_read(store);
    }
    if (status == TC_OK && text.failed != TC_OK) {
        status = tc_fail(error, text.failed, "the changes: %s", tc_status_str(text.failed));
    }
    if (status == TC_OK && text.data != NULL) {
        tc_output_write(output, text.data, text.len);
    }
    tc_buf_cleanup(&text);
    return status;
}

enum tc_status tc_report_diff_count(uint64_t *out, struct tc_store *store, int64_t scan_id,
                                    unsigned min_severity, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, store, tc_sql_report_diff_count, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", scan_id);
    tc_rows_bind_int(rows, ":min_severity", min_severity);
    status = tc_rows_next(rows, error);
    if (status == TC_OK) {
        *out = (uint64_t)tc_rows_int(rows, 0);
    }
    tc_rows_close(rows);
    return status;
}
