/* Section of `show`: everything that a survey found accepted, what is not, and what was not
 * measured. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "show.h"
#include "tlscensus/features.h"
#include "tlscensus/sql.h"
#include "trait_words.h"

#define VALUE_COLUMN 13 /* where lists begin */
#define LIST_MAX     65536

/* The parts of the section, each gathered while the features are walked. */
struct accepts {
    struct tc_terminal *term;
    const struct tc_show *show;
    struct tc_buf refused; /* versions */
    struct tc_buf unknown; /* versions */
    struct tc_buf groups13;
    struct tc_buf groups12;
    struct tc_buf alpn;
    struct tc_buf signatures;
    struct tc_buf yes; /* traits */
    struct tc_buf no;
    struct tc_buf unclear;
    const char *cut_short; /* why the survey is not complete; static or NULL */
    char why[256];
};

static void init_lists(struct accepts *accepts)
{
    struct tc_buf *lists[] = {&accepts->refused,  &accepts->unknown, &accepts->groups13,
                              &accepts->groups12, &accepts->alpn,    &accepts->signatures,
                              &accepts->yes,      &accepts->no,      &accepts->unclear};
    for (size_t i = 0; i < TC_ARRAY_LEN(lists); i++) {
        tc_buf_init(lists[i], LIST_MAX);
    }
}

static void cleanup_lists(struct accepts *accepts)
{
    struct tc_buf *lists[] = {&accepts->refused,  &accepts->unknown, &accepts->groups13,
                              &accepts->groups12, &accepts->alpn,    &accepts->signatures,
                              &accepts->yes,      &accepts->no,      &accepts->unclear};
    for (size_t i = 0; i < TC_ARRAY_LEN(lists); i++) {
        tc_buf_cleanup(lists[i]);
    }
}

static void add(struct tc_buf *list, const char *text)
{
    tc_buf_add_str(list, list->len > 0 ? ", " : "");
    tc_buf_add_str(list, text);
}

/* ---- suites ---- */

static enum tc_style quality_style(const char *quality)
{
    if (strcmp(quality, "insecure") == 0) {
        return TC_STYLE_CRITICAL;
    }
    return strcmp(quality, "weak") == 0 ? TC_STYLE_MEDIUM : TC_STYLE_PLAIN;
}

static void draw_suite(struct tc_terminal *term, const struct tc_rows *rows)
{
    char words[128];
    char line[192];
    const struct tc_suite_facts facts = {
        .kx = tc_row_text(rows, "kx"),
        .auth = tc_row_text(rows, "auth"),
        .cipher = tc_row_text(rows, "cipher"),
        .mode = tc_row_text(rows, "mode"),
        .block_bits = tc_row_int(rows, "block_bits"),
        .forward_secrecy = tc_row_int(rows, "forward_secrecy") != 0,
        .is_export = tc_row_int(rows, "is_export") != 0,
    };
    const char *quality = tc_row_text(rows, "quality");
    tc_suite_words(words, sizeof words, &facts);
    tc_term_pad(term, VALUE_COLUMN);
    tc_term_text(term, TC_STYLE_PLAIN, tc_row_text(rows, "name"));
    snprintf(line, sizeof line, "%.40s%s%s", quality, words[0] != '\0' ? ": " : "", words);
    tc_term_text(term, TC_STYLE_PLAIN, "  ");
    tc_term_wrap(term, quality_style(quality), VALUE_COLUMN + 2, line);
    tc_term_newline(term);
}

static const char *order_words(const struct tc_rows *rows)
{
    if (tc_row_is_null(rows, "server_order")) {
        return "";
    }
    return tc_row_int(rows, "server_order") != 0 ? "in the server's order"
                                                 : "the client's order counts";
}

static enum tc_status draw_suites(struct accepts *accepts)
{
    const struct tc_show *show = accepts->show;
    struct tc_rows *rows = NULL;
    int64_t version = -1;
    enum tc_status status = tc_rows_open(&rows, show->store, tc_sql_report_suites, show->error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":feature_set_id", tc_row_int(show->endpoint, "feature_set_id"));
    while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
        if (tc_row_int(rows, "version") != version) {
            version = tc_row_int(rows, "version");
            tc_term_fact_begin(accepts->term, tc_row_text(rows, "version_name"));
            tc_term_text(accepts->term, TC_STYLE_DIM, order_words(rows));
            tc_term_newline(accepts->term);
        }
        draw_suite(accepts->term, rows);
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

/* ---- the rest ---- */

static void add_group(struct accepts *accepts, const struct tc_rows *rows)
{
    char text[96];
    const char *note = tc_row_int(rows, "is_draft") != 0          ? " (draft)"
                       : tc_row_int(rows, "is_post_quantum") != 0 ? " (post-quantum)"
                       : tc_row_int(rows, "is_weak") != 0         ? " (weak)"
                                                                  : "";
    snprintf(text, sizeof text, "%.60s%s", tc_row_text(rows, "name"), note);
    add(tc_row_int(rows, "version") == 0x0304 ? &accepts->groups13 : &accepts->groups12, text);
}

static void add_trait(struct accepts *accepts, const struct tc_rows *rows)
{
    char text[160];
    int64_t code = tc_row_int(rows, "code");
    const struct tc_trait_words *words = tc_trait_words_find(code);
    if (code == TC_TRAIT_SURVEY_COMPLETE && tc_row_int(rows, "supported") == 0) {
        snprintf(accepts->why, sizeof accepts->why, "%s", tc_row_text(rows, "text"));
        accepts->cut_short = accepts->why;
    }
    if (words == NULL) {
        return;
    }
    bool has_version = tc_row_int(rows, "version") != 0;
    snprintf(text, sizeof text, "%s%s%s", words->title, has_version ? " in " : "",
             has_version ? tc_row_text(rows, "version_name") : "");
    if (words->unit[0] != '\0' && tc_row_int(rows, "value") > 0) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, " (%" PRId64 " %s)", tc_row_int(rows, "value"),
                 words->unit);
    }
    add(tc_row_is_null(rows, "supported")    ? &accepts->unclear
        : tc_row_int(rows, "supported") != 0 ? &accepts->yes
                                             : &accepts->no,
        text);
}

static void draw_dh(struct accepts *accepts, const struct tc_rows *rows)
{
    char text[192];
    const char *name = tc_row_text(rows, "text");
    if (tc_row_is_null(rows, "supported") || tc_row_int(rows, "supported") == 0) {
        return;
    }
    snprintf(text, sizeof text, "%s: %" PRId64 " bits, %s%.80s", tc_row_text(rows, "name"),
             tc_row_int(rows, "value"), strlen(name) == 64 ? "p with SHA-256 " : "", name);
    tc_term_fact_line(accepts->term,
                      tc_row_int(rows, "value") < 2048 ? TC_STYLE_HIGH : TC_STYLE_PLAIN, "DH",
                      text);
}

/* A scheme that signs in both versions is said once. */
static void add_signature(struct accepts *accepts, const char *name)
{
    const char *said = accepts->signatures.data;
    if (said == NULL || strstr(said, name) == NULL) {
        add(&accepts->signatures, name);
    }
}

static void add_feature(struct accepts *accepts, const struct tc_rows *rows)
{
    const char *kind = tc_row_text(rows, "kind");
    const char *name = tc_row_text(rows, "name");
    bool is_yes = !tc_row_is_null(rows, "supported") && tc_row_int(rows, "supported") != 0;
    if (strcmp(kind, "version") == 0 && !is_yes) {
        add(tc_row_is_null(rows, "supported") ? &accepts->unknown : &accepts->refused, name);
    } else if (strcmp(kind, "group") == 0 && is_yes) {
        add_group(accepts, rows);
    } else if (strcmp(kind, "alpn") == 0 && is_yes) {
        add(&accepts->alpn, name);
    } else if (strcmp(kind, "signature") == 0 && is_yes) {
        add_signature(accepts, name);
    } else if (strcmp(kind, "trait") == 0) {
        add_trait(accepts, rows);
    } else if (strcmp(kind, "dh") == 0) {
        draw_dh(accepts, rows);
    } else if (strcmp(kind, "fingerprint") == 0) {
        tc_term_fact_line(accepts->term, TC_STYLE_PLAIN, name, tc_row_text(rows, "text"));
    }
}

static void draw_list(struct accepts *accepts, enum tc_style style, const char *label,
                      const struct tc_buf *list)
{
    if (list->len > 0) {
        tc_term_fact_line(accepts->term, style, label, list->data);
    }
}

static void draw_lists(struct accepts *accepts)
{
    draw_list(accepts, TC_STYLE_PLAIN, "refuses", &accepts->refused);
    draw_list(accepts, TC_STYLE_PLAIN, "groups 1.3", &accepts->groups13);
    draw_list(accepts, TC_STYLE_PLAIN, "groups 1.2", &accepts->groups12);
    draw_list(accepts, TC_STYLE_PLAIN, "signs with", &accepts->signatures);
    draw_list(accepts, TC_STYLE_PLAIN, "ALPN", &accepts->alpn);
    draw_list(accepts, TC_STYLE_PLAIN, "yes", &accepts->yes);
    draw_list(accepts, TC_STYLE_PLAIN, "no", &accepts->no);
    if (accepts->unknown.len > 0 && accepts->unclear.len > 0) {
        tc_buf_add_str(&accepts->unknown, ", ");
    }
    tc_buf_add(&accepts->unknown, accepts->unclear.data != NULL ? accepts->unclear.data : "",
               accepts->unclear.len);
    draw_list(accepts, TC_STYLE_MEDIUM, "unmeasured", &accepts->unknown);
    if (accepts->cut_short != NULL) {
        tc_term_fact_line(accepts->term, TC_STYLE_MEDIUM, "not all", accepts->cut_short);
    }
}

enum tc_status tc_show_survey(struct tc_terminal *term, const struct tc_show *show)
{
    struct accepts accepts = {.term = term, .show = show};
    struct tc_rows *rows = NULL;
    if (tc_row_is_null(show->endpoint, "feature_set_id")) {
        return TC_OK;
    }
    init_lists(&accepts);
    tc_term_heading(term, "Accepts");
    enum tc_status status = draw_suites(&accepts);
    if (status == TC_OK) {
        status = tc_rows_open(&rows, show->store, tc_sql_report_set_features, show->error);
    }
    if (status == TC_OK) {
        tc_rows_bind_int(rows, ":feature_set_id", tc_row_int(show->endpoint, "feature_set_id"));
        while ((status = tc_rows_next(rows, show->error)) == TC_OK) {
            add_feature(&accepts, rows);
        }
    }
    tc_rows_close(rows);
    draw_lists(&accepts);
    cleanup_lists(&accepts);
    return status == TC_ERR_END ? TC_OK : status;
}
