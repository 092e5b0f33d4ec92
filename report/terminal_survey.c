/* Section of `show`: everything that a survey found accepted, what is not, and what was not
 * measured. */
#include <stdio.h>
#include <string.h>

#include "accepts.h"
#include "show.h"

#define VALUE_COLUMN 13 /* where lists begin */
#define LIST_MAX     65536

/* ---- suites ---- */

static enum tc_style quality_style(enum tc_suite_quality quality)
{
    if (quality == TC_SUITE_INSECURE) {
        return TC_STYLE_CRITICAL;
    }
    return quality == TC_SUITE_WEAK ? TC_STYLE_MEDIUM : TC_STYLE_PLAIN;
}

/* The quality beside the name where both fit, else below it. */
static void draw_suite(struct tc_terminal *term, struct tc_accepts *accepts,
                       const struct tc_accepted_suite *suite)
{
    const char *words = tc_accepted_quality(&accepts->arena, suite);
    tc_term_pad(term, VALUE_COLUMN);
    tc_term_text(term, TC_STYLE_PLAIN, suite->name);
    if (!term->never_cut && term->column + 2 + tc_term_width(term, words) > term->width) {
        tc_term_newline(term);
        tc_term_pad(term, VALUE_COLUMN);
    }
    tc_term_text(term, TC_STYLE_PLAIN, "  ");
    tc_term_wrap(term, quality_style(suite->quality), VALUE_COLUMN + 2, words);
    tc_term_newline(term);
}

static void draw_suites(struct tc_terminal *term, struct tc_accepts *accepts)
{
    for (size_t i = 0; i < accepts->num_suite_lists; i++) {
        const struct tc_suite_list *list = &accepts->suite_lists[i];
        const char *order = tc_order_words(list->server_order);
        tc_term_fact_begin(term, list->versions);
        tc_term_text(term, TC_STYLE_DIM, order[0] != '\0' ? order : "suites");
        tc_term_newline(term);
        for (size_t k = 0; k < list->num; k++) {
            draw_suite(term, accepts, &accepts->suites[list->first + k]);
        }
    }
}

/* ---- lists ---- */

static void draw_list(struct tc_terminal *term, enum tc_style style, const char *label,
                      const char *list)
{
    if (list[0] != '\0') {
        tc_term_fact_line(term, style, label, list);
    }
}

/* The traits with one answer. */
static void draw_traits(struct tc_terminal *term, struct tc_accepts *accepts, const char *label,
                        enum tc_tristate answer)
{
    struct tc_buf list;
    tc_buf_init(&list, LIST_MAX);
    for (size_t i = 0; i < accepts->num_traits; i++) {
        const struct tc_accepted_trait *trait = &accepts->traits[i];
        if (trait->supported == answer && !tc_accepted_is_bad(trait)) {
            tc_buf_add_str(&list, list.len > 0 ? ", " : "");
            tc_buf_add_str(&list, tc_accepted_title(&accepts->arena, trait));
        }
    }
    draw_list(term, TC_STYLE_PLAIN, label, list.data != NULL ? list.data : "");
    tc_buf_cleanup(&list);
}

/* Versions first, then traits by the reason. */
static void draw_unmeasured(struct tc_terminal *term, struct tc_accepts *accepts)
{
    const char *lines[TC_MAX_UNMEASURED] = {NULL};
    size_t num = tc_accepts_unmeasured(accepts, lines);
    draw_list(term, TC_STYLE_MEDIUM, "unmeasured", accepts->lists[TC_LIST_UNKNOWN]);
    for (size_t i = 0; i < num; i++) {
        draw_list(term, TC_STYLE_MEDIUM, "unmeasured", lines[i]);
    }
}

/* What one would rather not see, with its answer: "heartbeat: yes, secure renegotiation: no". */
static void draw_bad_traits(struct tc_terminal *term, struct tc_accepts *accepts)
{
    struct tc_buf list;
    tc_buf_init(&list, LIST_MAX);
    for (size_t i = 0; i < accepts->num_traits; i++) {
        const struct tc_accepted_trait *trait = &accepts->traits[i];
        if (tc_accepted_is_bad(trait)) {
            tc_buf_addf(&list, "%s%s: %s", list.len > 0 ? ", " : "",
                        tc_accepted_title(&accepts->arena, trait),
                        trait->supported == TC_YES ? "yes" : "no");
        }
    }
    draw_list(term, TC_STYLE_MEDIUM, "weak spots", list.data != NULL ? list.data : "");
    tc_buf_cleanup(&list);
}

static void draw_lists(struct tc_terminal *term, struct tc_accepts *accepts)
{
    static const struct {
        enum tc_accepts_list list;
        const char *label;
    } lists[] = {
        {TC_LIST_REFUSED, "refuses"},     {TC_LIST_GROUPS13, "groups 1.3"},
        {TC_LIST_GROUPS12, "groups 1.2"}, {TC_LIST_SIGNATURES, "signs with"},
        {TC_LIST_ALPN, "ALPN"},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(lists); i++) {
        draw_list(term, TC_STYLE_PLAIN, lists[i].label, accepts->lists[lists[i].list]);
    }
    for (size_t i = 0; i < accepts->num_lines; i++) {
        const struct tc_accepted_line *line = &accepts->lines[i];
        draw_list(term, line->is_weak ? TC_STYLE_HIGH : TC_STYLE_PLAIN, line->label, line->text);
    }
    draw_bad_traits(term, accepts);
    draw_traits(term, accepts, "yes", TC_YES);
    draw_traits(term, accepts, "no", TC_NO);
    draw_unmeasured(term, accepts);
    draw_list(term, TC_STYLE_MEDIUM, "not all", accepts->cut_short);
    draw_list(term, TC_STYLE_PLAIN, "earlier", accepts->confirmed);
}

enum tc_status tc_show_survey(struct tc_terminal *term, const struct tc_show *show)
{
    struct tc_accepts accepts = {.says_versions = false};
    if (tc_row_is_null(show->endpoint, "feature_set_id")) {
        return TC_OK;
    }
    enum tc_status status = tc_accepts_open(&accepts, show->store, show->scan_id, show->error);
    if (status == TC_OK) {
        status =
            tc_accepts_read(&accepts, tc_row_int(show->endpoint, "feature_set_id"), show->error);
    }
    if (status == TC_OK) {
        tc_term_heading(term, "Accepts");
        draw_suites(term, &accepts);
        draw_lists(term, &accepts);
    }
    tc_accepts_cleanup(&accepts);
    return status;
}
