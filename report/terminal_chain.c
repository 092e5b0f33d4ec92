/* The chain of one endpoint as a tree: what was sent, what was not, and whose store holds it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html_arena.h"
#include "other_chain_words.h"
#include "show.h"
#include "tlscensus/sql.h"

#define CHAIN_MAX_CERTS  128U /* the scanner's cap is 100, and an anchor */
#define CHAIN_MAX_LEVELS 8U   /* deeper ones are drawn without further indent */
#define CHAIN_FACTS_MAX  65536U

struct chain_cert {
    int64_t id;
    char *name;    /* common name, else the whole subject */
    char *subject; /* whole */
    char *issuer;  /* whole */
    char *facts;   /* key, signature, end */
    char *more;    /* what the anchor's line adds: since when, serial */
    int64_t days_left;
    enum tc_style expiry;
    bool has_days;
    bool is_self_signed;
    bool is_drawn;
};

struct chain_list {
    struct chain_cert certs[CHAIN_MAX_CERTS];
    size_t num_certs;
};

static void list_cleanup(struct chain_list *list)
{
    for (size_t i = 0; i < list->num_certs; i++) {
        free(list->certs[i].name);
        free(list->certs[i].subject);
        free(list->certs[i].issuer);
        free(list->certs[i].facts);
        free(list->certs[i].more);
    }
}

/* "ECDSA P-384, ecdsa-with-SHA384, until 2029-03-14", as far as known. */
static char *describe(const struct tc_rows *rows)
{
    struct tc_buf text;
    tc_buf_init(&text, CHAIN_FACTS_MAX);
    if (!tc_row_is_null(rows, "parse_error")) {
        tc_buf_addf(&text, "cannot be read: %.200s", tc_row_text(rows, "parse_error"));
        return tc_buf_take(&text);
    }
    tc_buf_add_str(&text, tc_row_text(rows, "key_type"));
    if (strcmp(tc_row_text(rows, "key_type"), "RSA") == 0) {
        tc_buf_addf(&text, " %" PRId64, tc_row_int(rows, "key_bits"));
    }
    tc_buf_addf(&text, ", %s, until %s", tc_row_text(rows, "signature"),
                tc_row_text(rows, "expires_date"));
    return tc_buf_take(&text);
}

static char *visible(const struct tc_rows *rows, const char *column)
{
    struct tc_buf text;
    tc_buf_init(&text, CHAIN_FACTS_MAX);
    tc_add_visible(&text, rows, tc_row_column(rows, column));
    return tc_buf_take(&text);
}

static char *describe_anchor(const struct tc_rows *rows)
{
    struct tc_buf text;
    tc_buf_init(&text, CHAIN_FACTS_MAX);
    tc_add_visible(&text, rows, tc_row_column(rows, "subject"));
    tc_buf_addf(&text, "; since %s; serial %s", tc_row_text(rows, "issued_date"),
                tc_row_text(rows, "serial_hex"));
    return tc_buf_take(&text);
}

static enum tc_status list_append(struct chain_list *list, const struct tc_rows *rows)
{
    struct chain_cert *cert = &list->certs[list->num_certs];
    *cert = (struct chain_cert){
        .id = tc_row_int(rows, "certificate_id"),
        .name = visible(rows, "subject_cn"),
        .subject = visible(rows, "subject"),
        .issuer = visible(rows, "issuer"),
        .facts = describe(rows),
        .more = describe_anchor(rows),
        .days_left = tc_row_int(rows, "days_left"),
        .expiry = tc_term_expiry_style(tc_row_int(rows, "life_s"), tc_row_int(rows, "left_s")),
        .has_days = !tc_row_is_null(rows, "days_left"),
        .is_self_signed = tc_row_int(rows, "is_self_signed") != 0,
    };
    list->num_certs++; /* list_cleanup frees what is there */
    bool complete = cert->name != NULL && cert->subject != NULL && cert->issuer != NULL &&
                    cert->facts != NULL && cert->more != NULL;
    return complete ? TC_OK : TC_ERR_NOMEM;
}

static enum tc_status list_load(struct chain_list *list, const struct tc_show *show,
                                const char *chain_column)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, show->store, tc_sql_report_show_chain, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", show->scan_id);
    tc_rows_bind_int(rows, ":leaf_id", tc_row_int(show->endpoint, "leaf_id"));
    tc_rows_bind_int(rows, ":chain_id", tc_row_int(show->endpoint, chain_column));
    while (list->num_certs < CHAIN_MAX_CERTS &&
           (status = tc_rows_next(rows, show->error)) == TC_OK) {
        status = list_append(list, rows);
        if (status != TC_OK) {
            tc_fail(show->error, status, "%s", tc_status_str(status));
            break;
        }
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* Marks the first certificate of that id that is not drawn yet as drawn. */
static bool take_sent(struct chain_list *sent, int64_t id)
{
    for (size_t i = 0; i < sent->num_certs; i++) {
        if (sent->certs[i].id == id && !sent->certs[i].is_drawn) {
            sent->certs[i].is_drawn = true;
            return true;
        }
    }
    return false;
}

/* ---- drawing ---- */

static size_t level_column(size_t level)
{
    return 2 + 3 * (level < CHAIN_MAX_LEVELS ? level : CHAIN_MAX_LEVELS);
}

/* The marker and, below the first level, the branch that leads to it: dashed for what was not
 * sent. */
static void draw_branch(struct tc_terminal *term, size_t level, bool was_sent)
{
    if (level > 0) {
        tc_term_pad(term, level_column(level - 1));
        tc_term_symbol(term, TC_STYLE_DIM,
                       was_sent ? "\xe2\x95\xb0\xe2\x94\x80 " : "\xe2\x95\xb0\xe2\x95\x8c ",
                       was_sent ? "`- " : "`. ");
    } else {
        tc_term_pad(term, level_column(0));
    }
    tc_term_symbol(term, was_sent ? TC_STYLE_GOOD : TC_STYLE_DIM,
                   was_sent ? "\xe2\x97\x8f " : "\xe2\x97\x8b ", was_sent ? "* " : "o ");
}

/* A line below a certificate, with the trunk at its left where more follows. */
static void draw_below(struct tc_terminal *term, size_t level, bool more_follows)
{
    tc_term_pad(term, level_column(level));
    if (more_follows) {
        tc_term_symbol(term, TC_STYLE_DIM, "\xe2\x94\x82", "|");
    }
    tc_term_pad(term, level_column(level) + 3);
}

static void draw_name(struct tc_terminal *term, enum tc_style style, const char *name,
                      const char *note)
{
    size_t note_width = strlen(note);
    size_t room = term->width > term->column + note_width + 2
                      ? term->width - term->column - note_width - 2
                      : 8;
    tc_term_cut(term, style, name, room);
    tc_term_pad(term, term->width > note_width ? term->width - note_width : 0);
    tc_term_text(term, TC_STYLE_PLAIN, note);
    tc_term_newline(term);
}

static void draw_cert(struct tc_terminal *term, const struct chain_cert *cert, size_t level,
                      const char *note, bool was_sent, bool more_follows, bool is_anchor)
{
    draw_branch(term, level, was_sent);
    draw_name(term, TC_STYLE_BOLD, cert->name, note);
    draw_below(term, level, more_follows);
    size_t indent = term->column;
    tc_term_wrap(term, TC_STYLE_PLAIN, indent, cert->facts);
    if (cert->has_days) {
        tc_term_text(term, TC_STYLE_PLAIN, ", ");
        tc_term_days(term, cert->expiry, indent, cert->days_left);
    }
    tc_term_newline(term);
    if (is_anchor) {
        draw_below(term, level, false);
        tc_term_wrap(term, TC_STYLE_DIM, indent, cert->more);
        tc_term_newline(term);
    }
}

/* Certificates that came along and lead nowhere. */
static void draw_rest(struct tc_terminal *term, const struct chain_list *sent, bool has_path)
{
    for (size_t i = 0; i < sent->num_certs; i++) {
        if (sent->certs[i].is_drawn) {
            continue;
        }
        bool again = false;
        for (size_t k = 0; k < i; k++) {
            again = again || sent->certs[k].id == sent->certs[i].id;
        }
        tc_term_pad(term, level_column(0));
        tc_term_symbol(term, TC_STYLE_MEDIUM, "\xe2\x9c\x95 ", "x ");
        draw_name(term, TC_STYLE_PLAIN, sent->certs[i].name,
                  again      ? "sent again, not needed"
                  : has_path ? "sent, not needed"
                             : "sent, on no path");
    }
}

static void draw_path(struct tc_terminal *term, const struct chain_list *path,
                      struct chain_list *sent)
{
    for (size_t i = 0; i < path->num_certs; i++) {
        const struct chain_cert *cert = &path->certs[i];
        bool last = i + 1 == path->num_certs;
        bool was_sent = take_sent(sent, cert->id);
        char note[64];
        snprintf(note, sizeof note, "%s, %s",
                 i == 0 && last         ? "leaf and anchor"
                 : i == 0               ? "leaf"
                 : !last                ? "intermediate"
                 : cert->is_self_signed ? "root"
                                        : "anchor",
                 last ? (was_sent ? "sent, in trust store" : "in trust store")
                      : (was_sent ? "sent" : "not sent"));
        draw_cert(term, cert, i, note, was_sent, !last, last);
    }
}

/* Without a path: from the leaf upwards through what was sent, to where it ends. */
static void draw_fragment(struct tc_terminal *term, struct chain_list *sent)
{
    struct chain_cert *cert = &sent->certs[0];
    size_t level = 0;
    while (true) {
        struct chain_cert *next = NULL;
        cert->is_drawn = true;
        for (size_t i = 1; i < sent->num_certs && next == NULL && !cert->is_self_signed; i++) {
            if (!sent->certs[i].is_drawn && strcmp(sent->certs[i].subject, cert->issuer) == 0) {
                next = &sent->certs[i];
            }
        }
        bool ends = next == NULL && cert->is_self_signed;
        char note[64];
        snprintf(note, sizeof note, "%s, sent%s",
                 level == 0 ? "leaf"
                 : ends     ? "root"
                            : "intermediate",
                 ends ? ", not in trust store" : "");
        draw_cert(term, cert, level, note, true, !ends, false);
        level++;
        if (next == NULL) {
            if (!ends) {
                draw_branch(term, level, false);
                draw_name(term, TC_STYLE_HIGH, cert->issuer, "not sent, not found");
            }
            return;
        }
        cert = next;
    }
}

static void draw_header(struct tc_terminal *term, const struct tc_rows *endpoint)
{
    char text[160];
    int64_t presented = tc_row_int(endpoint, "presented_depth");
    if (tc_row_is_null(endpoint, "verified_depth")) {
        snprintf(text, sizeof text, "Chain: %" PRId64 " presented, no verified path", presented);
    } else {
        snprintf(text, sizeof text,
                 "Chain: %" PRId64 " presented, %" PRId64 " on the verified path, %s", presented,
                 tc_row_int(endpoint, "verified_depth"), tc_row_text(endpoint, "chain_status"));
    }
    tc_term_heading(term, text);
}

enum tc_status tc_show_chain(struct tc_terminal *term, const struct tc_show *show)
{
    if (tc_row_is_null(show->endpoint, "leaf_id")) {
        return TC_OK;
    }
    enum tc_status status = TC_ERR_NOMEM;
    bool has_path = !tc_row_is_null(show->endpoint, "verified_depth");
    struct chain_list *sent = calloc(1, sizeof *sent);
    struct chain_list *path = calloc(1, sizeof *path);
    if (sent == NULL || path == NULL) {
        tc_fail(show->error, status, "%s", tc_status_str(status));
        goto done;
    }
    status = list_load(sent, show, "presented_chain_id");
    if (status == TC_OK) {
        status = list_load(path, show, "verified_chain_id");
    }
    if (status != TC_OK || sent->num_certs == 0) {
        goto done;
    }
    draw_header(term, show->endpoint);
    if (has_path) {
        draw_path(term, path, sent);
    } else {
        draw_fragment(term, sent);
    }
    draw_rest(term, sent, has_path);

done:
    if (sent != NULL) {
        list_cleanup(sent);
    }
    if (path != NULL) {
        list_cleanup(path);
    }
    free(sent);
    free(path);
    return status;
}

/* ---- other certificates ---- */

static const char *asked_words(const char *role)
{
    if (strcmp(role, "other-key") == 0) {
        return "other key";
    }
    return strcmp(role, "no-sni") == 0 ? "no name" : "other name";
}

enum tc_status tc_show_other_chains(struct tc_terminal *term, const struct tc_show *show)
{
    struct html_arena arena = {0};
    struct tc_rows *rows = NULL;
    bool any = false;
    enum tc_status status =
        tc_rows_open(&rows, show->store, tc_sql_report_other_chains, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":observation_id", tc_row_int(show->endpoint, "observation_id"));
    while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
        if (!any) {
            tc_term_heading(term, "Other certificates, by what was asked");
        }
        any = true;
        tc_term_fact_line(term, TC_STYLE_PLAIN, asked_words(tc_other_chain_role(rows)),
                          tc_other_chain_words(&arena, rows));
    }
    status = status == TC_ERR_END ? arena.failed : status;
    tc_rows_close(rows);
    html_arena_cleanup(&arena);
    return status;
}
