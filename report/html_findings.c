/* Section `findings`: one <details> for each rule that found something; waived findings apart. */
#include <string.h>

#include "html_report.h"
#include "tlscensus/buf.h"
#include "tlscensus/sql.h"

struct rule_part {
    struct html_report *report;
    const struct html_rule *rule;
};

/* The places of a rule that the walk kept, as the query wants them. */
static struct tc_rows *query_places(struct html_report *report, const struct html_rule *rule)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_where);
    struct tc_buf list;
    tc_buf_init(&list, (size_t)HTML_MAX_PLACES * 24);
    tc_buf_add_char(&list, '[');
    for (size_t i = 0; i < rule->places.num; i++) {
        tc_buf_addf(&list, "%s%lld", i > 0 ? "," : "",
                    (long long)rule->places.items[i].observation_id);
    }
    tc_buf_add_char(&list, ']');
    if (list.failed != TC_OK) {
        html_fail(report, list.failed);
    } else if (rows != NULL) {
        tc_rows_bind_text(rows, ":group_label", report->group_label);
        tc_rows_bind_text(rows, ":observations", list.data);
        tc_rows_bind_int(rows, ":rule_id", rule->id);
        tc_rows_bind_int(rows, ":max_rows", HTML_MAX_WHERE + 1);
    }
    tc_buf_cleanup(&list);
    return rows;
}

static void where_items(struct html_writer *writer, const void *context)
{
    const struct rule_part *part = context;
    struct html_report *report = part->report;
    struct html_arena *arena = &report->passing;
    struct tc_rows *rows = query_places(report, part->rule);
    int listed = 0;
    while (html_query_next(report, rows) && listed++ < HTML_MAX_WHERE) {
        html_arena_reset(arena);
        const char *host = html_visible_column(arena, rows, 0);
        const char *detail = html_visible_column(arena, rows, 3);
        int64_t port = html_number(rows, 1);
        int64_t addresses = html_number(rows, 4);
        if (addresses > 1) {
            detail = html_format(arena, "%s%s%lld addresses", detail, detail[0] != '\0' ? "; " : "",
                                 (long long)addresses);
        }
        HTML_BLOCK(
            writer, "where", SLOT_URL("link", html_endpoint_name(arena, host, port, false)),
            SLOT_NAME("host", html_endpoint_name(arena, host, port, true)),
            SLOT_TEXT("owner", html_visible_column(arena, rows, 5)),
            SLOT_TEXT("detail", detail[0] != '\0' ? html_format(arena, " · %s", detail) : ""));
    }
    tc_rows_close(rows);
    if (listed > HTML_MAX_WHERE) {
        char count[HTML_WORDS];
        HTML_BLOCK(writer, "where_more", SLOT_URL("name", part->rule->name),
                   SLOT_TEXT("text", html_format(arena, "… all %.20s in the table",
                                                 html_words_count(count, part->rule->standing))));
    }
}

static void part_open(struct html_writer *writer, const void *context)
{
    if (context != NULL) {
        html_block(writer, "open", NULL);
    }
}

/* A rule whose findings differ in severity says how many are of the worse kind. */
static const char *mixed_words(struct html_arena *arena, const struct html_rule *rule)
{
    return rule->worst >= 3 && rule->worst_count < rule->standing
               ? html_format(arena, " at %lld of %lld", (long long)rule->worst_count,
                             (long long)rule->standing)
               : "";
}

static void write_rule(struct html_report *report, const struct html_rule *rule, bool is_first)
{
    struct rule_part part = {report, rule};
    const char *tone = html_severity_tone(rule->worst);
    char count[HTML_WORDS];
    html_arena_reset(&report->passing);
    const char *cap = rule->is_trust ? "; decides the trust verdict"
                      : rule->cap[0] != '\0'
                          ? html_format(&report->lasting, "; caps the grade at %s", rule->cap)
                          : "";
    HTML_BLOCK(
        report->writer, "rule", SLOT_PART("open", part_open, is_first ? report : NULL),
        SLOT_RAW("tone", tone), SLOT_PART("icon", html_part_icon, tone),
        SLOT_TEXT("severity", html_severity_word(rule->worst)), SLOT_TEXT("title", rule->title),
        SLOT_TEXT("name", rule->name), SLOT_COUNT("count", rule->standing),
        SLOT_TEXT("why", rule->why), SLOT_TEXT("remedy", rule->remedy),
        SLOT_TEXT("source", rule->source), SLOT_TEXT("cap", cap),
        SLOT_TEXT("mixed", html_copy(&report->lasting, mixed_words(&report->passing, rule))),
        SLOT_TEXT("where_count",
                  html_format(&report->lasting, "%.20s %s", html_words_count(count, rule->standing),
                              html_of_endpoints(report, report->stats.totals.seen))),
        SLOT_PART("where", where_items, &part));
}

static void part_rules(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    bool is_first = true;
    (void)writer;
    for (size_t i = 0; i < report->num_rules; i++) {
        if (report->rules[i].standing > 0) {
            write_rule(report, &report->rules[i], is_first);
            is_first = false;
        }
    }
}

/* ---- waived ---- */

static void waived_rows(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct html_arena *arena = &report->passing;
    struct tc_rows *rows = html_query_split(report, tc_sql_report_html_waived);
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":max_rows", HTML_MAX_LINES);
    }
    while (html_query_next(report, rows)) {
        html_arena_reset(arena);
        const char *host = html_visible_column(arena, rows, 0);
        int64_t port = html_number(rows, 1);
        int64_t severity = html_number(rows, 4);
        const char *detail = html_visible_column(arena, rows, 5);
        char until[HTML_WORDS];
        HTML_BLOCK(writer, "waived_row",
                   SLOT_URL("link", html_endpoint_name(arena, host, port, false)),
                   SLOT_NAME("host", html_endpoint_name(arena, host, port, true)),
                   SLOT_TEXT("name", html_visible_column(arena, rows, 2)),
                   SLOT_TEXT("title", html_visible_column(arena, rows, 3)),
                   SLOT_RAW("tone", html_severity_tone(severity)),
                   SLOT_TEXT("severity", html_severity_word(severity)), SLOT_TEXT("detail", detail),
                   SLOT_TEXT("until", html_words_date(until, html_number(rows, 6))),
                   SLOT_TEXT("reason", html_visible_column(arena, rows, 7)),
                   SLOT_TEXT("owner", html_visible_column(arena, rows, 8)));
    }
    tc_rows_close(rows);
}

static void waived_more(struct html_writer *writer, const void *context)
{
    int64_t waived = *(const int64_t *)context;
    if (waived > HTML_MAX_LINES) {
        HTML_BLOCK(writer, "no", SLOT_TEXT("text", "The first hundred; findings.csv has all."));
    }
}

static void part_waived(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    int64_t waived = 0;
    for (size_t i = 0; i < report->num_rules; i++) {
        waived += report->rules[i].waived;
    }
    if (waived > 0) {
        HTML_BLOCK(writer, "waived", SLOT_PART("icon", html_part_icon, "info"),
                   SLOT_COUNT("count", waived), SLOT_TEXT("head", report->group_head),
                   SLOT_PART("rows", waived_rows, report), SLOT_PART("more", waived_more, &waived));
    }
}

void html_section_findings(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    char count[HTML_WORDS];
    if (report->num_rules == 0) {
        return;
    }
    int64_t findings = report->stats.totals.findings;
    HTML_BLOCK(
        writer, "findings",
        SLOT_TEXT("said", html_format(&report->lasting, "%.20s standing, %s looked at",
                                      html_words_count(count, findings),
                                      html_of_endpoints(report, report->stats.totals.seen) + 3)),
        SLOT_PART("rules", part_rules, report), SLOT_PART("waived", part_waived, report));
}
