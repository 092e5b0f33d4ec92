/* Block "Accepts" of a detail: everything that a survey found, and what it could not measure. */
#include "html_accepts.h"

#include <string.h>

#include "html_sets.h"
#include "other_chain_words.h"
#include "tlscensus/sql.h"

/* ---- what is said, for the page and for its script ---- */

const char *html_suite_tone(enum tc_suite_quality quality)
{
    static const char *const k_tones[TC_SUITE_NUM_QUALITIES] = {"", "ok", "", "med", "crit"};
    return k_tones[quality];
}

const char *html_trait_tone(const struct tc_accepted_trait *trait)
{
    if (tc_accepted_is_bad(trait)) {
        return trait->words->sense == TC_SENSE_BAD ? "high" : "med";
    }
    return trait->words->sense == TC_SENSE_NEUTRAL ? "" : "ok";
}

static size_t add_said(struct html_said *out, size_t num, const char *name, const char *value)
{
    if (value[0] == '\0' || num == HTML_MAX_SAID) {
        return num;
    }
    out[num] = (struct html_said){name, value};
    return num + 1;
}

size_t html_said_versions(struct html_report *report, struct html_said out[HTML_MAX_SAID])
{
    const struct tc_accepts *accepts = report->accepts;
    const char *accepted = accepts->lists[TC_LIST_ACCEPTED];
    size_t num = add_said(out, 0, "Versions", accepted[0] != '\0' ? accepted : "none");
    num = add_said(out, num, "Refused", accepts->lists[TC_LIST_REFUSED]);
    num = add_said(out, num, "Not measured", accepts->lists[TC_LIST_UNKNOWN]);
    num = add_said(out, num, "Cut short", accepts->cut_short);
    return add_said(out, num, "An earlier survey", accepts->confirmed);
}

size_t html_said_lists(struct html_report *report, struct html_said out[HTML_MAX_SAID])
{
    struct tc_accepts *accepts = report->accepts;
    size_t num = add_said(out, 0, "Groups, 1.3", accepts->lists[TC_LIST_GROUPS13]);
    num = add_said(out, num, "Groups, 1.2", accepts->lists[TC_LIST_GROUPS12]);
    num = add_said(out, num, "Signs with", accepts->lists[TC_LIST_SIGNATURES]);
    num = add_said(out, num, "ALPN", accepts->lists[TC_LIST_ALPN]);
    for (size_t i = 0; i < accepts->num_lines; i++) {
        num = add_said(out, num, accepts->lines[i].label, accepts->lines[i].text);
    }
    return num;
}

size_t html_said_unmeasured(struct html_report *report, struct html_said out[HTML_MAX_SAID])
{
    const char *lines[TC_MAX_UNMEASURED] = {NULL};
    size_t num_lines = tc_accepts_unmeasured(report->accepts, lines);
    size_t num = 0;
    for (size_t i = 0; i < num_lines; i++) {
        num = add_said(out, num, "Not measured", lines[i]);
    }
    return num;
}

static const char *role_words(const char *role)
{
    if (strcmp(role, "other-key") == 0) {
        return "Other key";
    }
    return strcmp(role, "no-sni") == 0 ? "Without a name" : "Unknown name";
}

size_t html_said_others(struct html_report *report, const struct html_row *row,
                        struct html_said out[HTML_MAX_SAID])
{
    size_t num = 0;
    if (report->other_chains == NULL) {
        report->other_chains = html_query(report, tc_sql_report_other_chains);
    }
    if (row->set == NULL || report->other_chains == NULL) {
        return 0;
    }
    tc_rows_reset(report->other_chains);
    tc_rows_bind_int(report->other_chains, ":observation_id", row->observation_id);
    while (html_query_next(report, report->other_chains)) {
        num = add_said(out, num, role_words(tc_other_chain_role(report->other_chains)),
                       tc_other_chain_words(&report->passing, report->other_chains));
    }
    return num;
}

/* ---- the block ---- */

struct block {
    struct html_report *report;
    const struct html_row *row;
    const struct tc_suite_list *list; /* at hand */
};

static void write_said(struct html_writer *writer, const struct html_said *said, size_t num)
{
    for (size_t i = 0; i < num; i++) {
        HTML_BLOCK(writer, "fact", SLOT_TEXT("name", said[i].name),
                   SLOT_TEXT("value", said[i].value));
    }
}

static void part_versions(struct html_writer *writer, const void *context)
{
    const struct block *block = context;
    struct html_said said[HTML_MAX_SAID] = {{0}};
    write_said(writer, said, html_said_versions(block->report, said));
}

static void part_lists(struct html_writer *writer, const void *context)
{
    const struct block *block = context;
    struct html_said said[HTML_MAX_SAID] = {{0}};
    write_said(writer, said, html_said_lists(block->report, said));
}

static void part_unmeasured(struct html_writer *writer, const void *context)
{
    const struct block *block = context;
    struct html_said said[HTML_MAX_SAID] = {{0}};
    write_said(writer, said, html_said_unmeasured(block->report, said));
}

static void part_suites(struct html_writer *writer, const void *context)
{
    const struct block *block = context;
    struct tc_accepts *accepts = block->report->accepts;
    for (size_t i = 0; i < block->list->num; i++) {
        const struct tc_accepted_suite *suite = &accepts->suites[block->list->first + i];
        HTML_BLOCK(writer, "suite", SLOT_TEXT("name", suite->name),
                   SLOT_RAW("tone", html_suite_tone(suite->quality)),
                   SLOT_TEXT("quality", tc_accepted_quality(&accepts->arena, suite)));
    }
}

static void part_lists_of_suites(struct html_writer *writer, const void *context)
{
    struct block block = *(const struct block *)context;
    const struct tc_accepts *accepts = block.report->accepts;
    for (size_t i = 0; i < accepts->num_suite_lists; i++) {
        block.list = &accepts->suite_lists[i];
        HTML_BLOCK(writer, "suites", SLOT_TEXT("version", block.list->versions),
                   SLOT_TEXT("order", tc_order_words(block.list->server_order)),
                   SLOT_PART("items", part_suites, &block));
    }
}

static void part_traits(struct html_writer *writer, const void *context)
{
    const struct block *block = context;
    struct tc_accepts *accepts = block->report->accepts;
    for (size_t i = 0; i < accepts->num_traits; i++) {
        const struct tc_accepted_trait *trait = &accepts->traits[i];
        if (trait->supported != TC_UNKNOWN) {
            HTML_BLOCK(writer, "trait", SLOT_INT("code", trait->words->code),
                       SLOT_TEXT("title", tc_accepted_title(&accepts->arena, trait)),
                       SLOT_RAW("tone", html_trait_tone(trait)),
                       SLOT_RAW("answer", trait->supported == TC_YES ? "yes" : "no"));
        }
    }
}

static void part_others(struct html_writer *writer, const void *context)
{
    const struct block *block = context;
    struct html_said said[HTML_MAX_SAID] = {{0}};
    size_t num = html_said_others(block->report, block->row, said);
    if (num > 0) {
        html_block(writer, "others_start", NULL);
        write_said(writer, said, num);
        html_block(writer, "others_end", NULL);
    }
}

void html_part_accepts(struct html_writer *writer, const void *context)
{
    const struct html_accepts *accepts = context;
    struct block block = {accepts->report, accepts->row, NULL};
    const struct html_set *set = accepts->row->set;
    if (set == NULL || !html_read_set(accepts->report, set)) {
        return;
    }
    if (set->shown != NULL) {
        HTML_BLOCK(writer, "accepts_same", SLOT_PART("versions", part_versions, &block),
                   SLOT_TEXT("link", set->shown), SLOT_TEXT("name", set->shown),
                   SLOT_PART("others", part_others, &block));
        return;
    }
    accepts->report->sets[set - accepts->report->sets].shown =
        html_copy(&accepts->report->lasting, accepts->link);
    HTML_BLOCK(writer, "accepts", SLOT_PART("versions", part_versions, &block),
               SLOT_PART("suites", part_lists_of_suites, &block),
               SLOT_PART("lists", part_lists, &block), SLOT_PART("traits", part_traits, &block),
               SLOT_PART("unmeasured", part_unmeasured, &block),
               SLOT_PART("others", part_others, &block));
}
