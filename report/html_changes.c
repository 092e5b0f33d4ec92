/* Section `changes` and its line in the glance: what is otherwise than in the scan before. */
#include "html_changes.h"

#include <string.h>

#include "columns.h"
#include "html_report.h"
#include "tlscensus/sql.h"

#define WORDS_MAX ((size_t)16 * 1024) /* bytes of a sentence, before it is cut */

/* ---- reading: one walk over what changed, of which the worst are kept ---- */

static const char *note_words(struct html_report *report, const struct tc_rows *rows)
{
    struct tc_buf words;
    tc_buf_init(&words, WORDS_MAX);
    tc_diff_trust_words(&words, rows);
    const char *note =
        words.data != NULL ? html_visible(&report->lasting, words.data, words.len) : "";
    tc_buf_cleanup(&words);
    return note;
}

static void load_base(struct html_report *report)
{
    int64_t base_id = report->changes.base_id;
    struct tc_rows *rows = html_query(report, tc_sql_report_diff_scans);
    report->changes.base = "";
    report->changes.note = "";
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":base_id", base_id);
    }
    if (html_query_next(report, rows)) {
        const char *when = html_visible_column(&report->passing, rows, 1);
        report->changes.base =
            when[0] != '\0'
                ? html_format(&report->lasting, "scan %lld (%s UTC)", (long long)base_id, when)
                : html_format(&report->lasting, "scan %lld (no longer stored)", (long long)base_id);
        report->changes.note = note_words(report, rows);
    }
    tc_rows_close(rows);
}

/* The room for a target that the walk has come to, or NULL where its part is full. */
static struct html_changed *begin_changed(struct html_report *report, const struct tc_rows *rows,
                                          int64_t part)
{
    struct html_changes *changes = &report->changes;
    struct html_arena *lasting = &report->lasting;
    int64_t num = changes->targets[part]++;
    changes->all_targets++;
    if (num >= HTML_MAX_CHANGED) {
        return NULL;
    }
    const char *host = html_visible_column(lasting, rows, tc_row_column(rows, "host"));
    int64_t port = html_number(rows, tc_row_column(rows, "port"));
    struct html_changed *changed = &changes->listed[part][num];
    *changed = (struct html_changed){
        .name = html_endpoint_name(lasting, host, port, true),
        .link = html_endpoint_name(lasting, host, port, false),
        .owner = html_visible_column(lasting, rows, tc_row_column(rows, "owner")),
        .worst = tc_row_int(rows, "worst"),
        .place = tc_row_int(rows, "place"),
    };
    return changed;
}

static void add_sentence(struct html_report *report, struct html_changed *changed,
                         const struct tc_rows *rows)
{
    int64_t num = changed->num_sentences++;
    struct tc_buf words;
    if (num >= TC_DIFF_SENTENCES) {
        return;
    }
    tc_buf_init(&words, WORDS_MAX);
    tc_diff_words(&words, rows);
    changed->sentences[num] =
        words.data != NULL ? html_visible(&report->lasting, words.data, words.len) : "";
    tc_buf_cleanup(&words);
}

static void take_quiet(struct html_changes *changes, const struct tc_rows *rows)
{
    int64_t num = tc_row_int(rows, "num_addresses");
    changes->quiet += num;
    if (strcmp(tc_row_text(rows, "kind"), "certificate-renewed") == 0) {
        changes->renewals += num;
    }
}

static void walk_changes(struct html_report *report, struct tc_rows *rows)
{
    struct html_changed *changed = NULL;
    int64_t part = -1;
    int64_t target_id = -1;
    while (html_query_next(report, rows)) {
        if (tc_row_int(rows, "severity") == 0) {
            take_quiet(&report->changes, rows);
            continue;
        }
        if (tc_row_int(rows, "part") != part || tc_row_int(rows, "target_id") != target_id) {
            part = tc_row_int(rows, "part");
            target_id = tc_row_int(rows, "target_id");
            changed = begin_changed(report, rows, part);
        }
        if (changed != NULL) {
            add_sentence(report, changed, rows);
        }
    }
}

void html_load_changes(struct html_report *report)
{
    struct html_changes *changes = &report->changes;
    changes->base_id = report->options->compared_with;
    if (report->status == TC_OK && changes->base_id == 0) {
        report->status =
            tc_store_find_base(report->store, report->scan_id, &changes->base_id, report->error);
    }
    if (report->status != TC_OK || changes->base_id == 0) {
        return;
    }
    load_base(report);
    struct tc_rows *rows = html_query_split(report, tc_sql_report_diff);
    if (rows != NULL) {
        bool has_owner = report->owner_label[0] != '\0';
        tc_rows_bind_int(rows, ":min_severity", 0);
        tc_rows_bind_text(rows, ":owner_label",
                          has_owner ? report->owner_label : report->group_label);
    }
    walk_changes(report, rows);
    tc_rows_close(rows);
}

/* ---- words ---- */

static const char *nothing_words(struct html_report *report)
{
    const struct html_changes *changes = &report->changes;
    if (changes->base_id != 0) {
        return html_format(&report->lasting, "Nothing%s has changed since %s.",
                           changes->quiet > 0 ? " of note" : "", changes->base);
    }
    return strcmp(report->scan.state, "done") == 0
               ? "There was no finished scan before this one to compare it with."
               : "A scan that did not finish is not compared with others.";
}

/* ---- the glance ---- */

static const char *const k_ids[TC_DIFF_PARTS] = {"problem", "lost", "changed", "fixed"};

static void since_counts(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    static const char *const tones[TC_DIFF_PARTS] = {"crit", "high", "low", "ok"};
    for (int part = 0; part < TC_DIFF_PARTS; part++) {
        int64_t num = report->changes.targets[part];
        HTML_BLOCK(writer, num > 0 ? "since_count" : "since_none", SLOT_RAW("id", k_ids[part]),
                   SLOT_RAW("tone", tones[part]), SLOT_COUNT("count", num),
                   SLOT_TEXT("words", tc_diff_counted(part)));
    }
}

void html_part_since(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    if (report->changes.base_id == 0) {
        return;
    }
    if (report->changes.all_targets == 0) {
        HTML_BLOCK(writer, "since_nothing", SLOT_TEXT("text", nothing_words(report)));
        return;
    }
    HTML_BLOCK(writer, "since", SLOT_TEXT("base", report->changes.base),
               SLOT_PART("counts", since_counts, report));
}

/* ---- the section ---- */

struct part {
    struct html_report *report;
    int number;
};

static void part_name(struct html_writer *writer, const void *context)
{
    static const char *const blocks[] = {"changed_gone", "changed_lost", "changed_link"};
    const struct html_changed *changed = context;
    int64_t place = changed->place == 1 || changed->place == 2 ? changed->place : 0;
    HTML_BLOCK(writer, blocks[place], SLOT_URL("link", changed->link),
               SLOT_NAME("host", changed->name));
}

static void part_sentences(struct html_writer *writer, const void *context)
{
    const struct html_changed *changed = context;
    int64_t told =
        changed->num_sentences < TC_DIFF_SENTENCES ? changed->num_sentences : TC_DIFF_SENTENCES;
    for (int64_t i = 0; i < told; i++) {
        HTML_BLOCK(writer, "changed_sentence", SLOT_TEXT("text", changed->sentences[i]));
    }
    if (changed->num_sentences > told) {
        HTML_BLOCK(writer, "changed_more", SLOT_COUNT("count", changed->num_sentences - told));
    }
}

static void part_items(struct html_writer *writer, const void *context)
{
    const struct part *part = context;
    const struct html_changes *changes = &part->report->changes;
    bool is_fixed = part->number == TC_DIFF_FIXED;
    for (int64_t i = 0; i < changes->targets[part->number] && i < HTML_MAX_CHANGED; i++) {
        const struct html_changed *changed = &changes->listed[part->number][i];
        const char *tone = is_fixed ? "ok" : html_severity_tone(changed->worst);
        HTML_BLOCK(writer, "changed", SLOT_PART("icon", html_part_icon, tone),
                   SLOT_PART("name", part_name, changed), SLOT_TEXT("owner", changed->owner),
                   SLOT_PART("sentences", part_sentences, changed));
    }
}

static void part_rest(struct html_writer *writer, const void *context)
{
    const struct part *part = context;
    int64_t rest = part->report->changes.targets[part->number] - HTML_MAX_CHANGED;
    if (rest > 0) {
        HTML_BLOCK(writer, "changes_rest", SLOT_COUNT("count", rest));
    }
}

static void part_parts(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    for (int number = 0; number < TC_DIFF_PARTS; number++) {
        const struct part part = {report, number};
        int64_t num = report->changes.targets[number];
        if (num > 0) {
            HTML_BLOCK(writer, "changes_part", SLOT_RAW("id", k_ids[number]),
                       SLOT_TEXT("heading", tc_diff_heading(number)), SLOT_COUNT("count", num),
                       SLOT_PART("items", part_items, &part), SLOT_PART("rest", part_rest, &part));
        }
    }
}

/* "3 routine renewals and 1 other change" are not listed. */
static void part_quiet(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_changes *changes = &report->changes;
    struct html_arena *lasting = &report->lasting;
    int64_t others = changes->quiet - changes->renewals;
    const char *list = "";
    char count[HTML_WORDS];
    if (changes->quiet == 0) {
        return;
    }
    if (changes->renewals > 0) {
        list = html_format(lasting, "%.20s routine %s", html_words_count(count, changes->renewals),
                           html_plural(changes->renewals, "renewal", "renewals"));
    }
    if (others > 0) {
        list =
            html_format(lasting, "%s%s%.20s other %s", list, list[0] != '\0' ? " and " : "",
                        html_words_count(count, others), html_plural(others, "change", "changes"));
    }
    HTML_BLOCK(writer, "changes_quiet", SLOT_TEXT("list", list));
}

static void part_note(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    if (report->changes.note[0] != '\0') {
        HTML_BLOCK(writer, "changes_note", SLOT_TEXT("text", report->changes.note));
    }
}

void html_section_changes(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    if (report->changes.all_targets == 0) {
        HTML_BLOCK(writer, "changes_none", SLOT_TEXT("text", nothing_words(report)),
                   SLOT_PART("quiet", part_quiet, report));
        return;
    }
    HTML_BLOCK(writer, "changes",
               SLOT_TEXT("said", html_format(&report->lasting, "since %s", report->changes.base)),
               SLOT_PART("note", part_note, report), SLOT_PART("parts", part_parts, report),
               SLOT_PART("quiet", part_quiet, report));
}
