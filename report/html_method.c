/* Sections `unreachable` and `method`: what was not seen, and how the rest was. */
#include <string.h>

#include "html_report.h"
#include "tlscensus/sql.h"

#define MAX_LOST 500

/* ---- unreachable ---- */

static const char *stage_words(const char *stage)
{
    if (strcmp(stage, "dns") == 0) {
        return "DNS";
    }
    if (strcmp(stage, "tcp") == 0) {
        return "TCP";
    }
    return strcmp(stage, "starttls") == 0 ? "STARTTLS" : strcmp(stage, "tls") == 0 ? "TLS" : "–";
}

static const char *answered_words(struct html_report *report, const struct tc_rows *rows)
{
    char date[HTML_WORDS];
    if (!tc_rows_is_null(rows, 9)) {
        return html_copy(&report->passing, html_words_date(date, html_number(rows, 9)));
    }
    return report->scan.has_earlier ? "never" : "no earlier scan";
}

static void write_lost(struct html_report *report, const struct tc_rows *rows)
{
    struct html_arena *arena = &report->passing;
    html_arena_reset(arena);
    const char *host = html_visible_column(arena, rows, 0);
    int64_t addresses = html_number(rows, 6);
    const char *detail = html_visible_column(arena, rows, 4);
    const char *list = html_visible_column(arena, rows, 7);
    const char *where = addresses > 1
                            ? html_format(arena, " · %lld addresses", (long long)addresses)
                        : list[0] != '\0' ? html_format(arena, " · %s", list)
                                          : "";
    HTML_BLOCK(
        report->writer, "lost",
        SLOT_NAME("host", strchr(host, ':') != NULL ? html_format(arena, "[%s]", host) : host),
        SLOT_TEXT("port", html_format(arena, ":%lld", (long long)html_number(rows, 1))),
        SLOT_TEXT("owner", html_visible_column(arena, rows, 8)),
        SLOT_TEXT("stage", stage_words(tc_rows_text(rows, 3))),
        SLOT_TEXT("outcome", html_visible_column(arena, rows, 2)), SLOT_TEXT("detail", detail),
        SLOT_TEXT("addresses", where), SLOT_TEXT("answered", answered_words(report, rows)));
}

static void part_lost(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct tc_rows *rows = html_query_split(report, tc_sql_report_html_unreachable);
    (void)writer;
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":max_rows", report->options->no_script ? INT64_MAX : MAX_LOST);
    }
    while (html_query_next(report, rows)) {
        write_lost(report, rows);
    }
    tc_rows_close(rows);
}

static void lost_summary(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct tc_rows *rows = html_query_split(report, tc_sql_report_html_outcomes);
    const char *comma = "";
    while (html_query_next(report, rows)) {
        html_arena_reset(&report->passing);
        html_raw(writer, comma);
        html_count(writer, html_number(rows, 1));
        html_raw(writer, " ");
        html_text(writer, html_visible_column(&report->passing, rows, 0));
        comma = ", ";
    }
    tc_rows_close(rows);
    html_raw(writer, ". Nothing is known of their certificates, so no number above counts them.");
}

void html_section_unreachable(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    int64_t lost = report->stats.totals.endpoints - report->stats.totals.seen;
    char count[HTML_WORDS];
    char all[HTML_WORDS];
    struct html_more more = {.link = "method"};
    if (lost == 0) {
        return;
    }
    if (lost > MAX_LOST && !report->options->no_script) {
        more.text = html_format(&report->lasting,
                                "The first %d targets; endpoints.csv has all of them.", MAX_LOST);
    }
    HTML_BLOCK(
        writer, "unreachable",
        SLOT_TEXT("said", html_format(&report->lasting, "%.20s of %.20s endpoints",
                                      html_words_count(count, lost),
                                      html_words_count(all, report->stats.totals.endpoints))),
        SLOT_TEXT("head", report->group_head), SLOT_PART("summary", lost_summary, report),
        SLOT_PART("rows", part_lost, report), SLOT_PART("more", html_part_more, &more));
}

/* ---- method ---- */

static void fact(struct html_writer *writer, const char *block, const char *name, const char *value)
{
    if (value[0] != '\0') {
        HTML_BLOCK(writer, block, SLOT_TEXT("name", name), SLOT_TEXT("value", value));
    }
}

static void method_facts(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    const struct html_scan *scan = &report->scan;
    char time[HTML_WORDS];
    fact(writer, "fact", "Profile", scan->profile);
    fact(writer, "fact", "Days count from", html_words_time(time, scan->as_of_s));
    fact(writer, "fact", "Trust store", scan->trust_store);
    fact(writer, "fact_code", "its SHA-256", scan->trust_store_sha256);
    fact(writer, "fact", "Seen from", scan->vantage);
    fact(writer, "fact", "Notices", scan->notices);
    fact(writer, "fact", "Part of scan", strcmp(scan->shard, "1/1") == 0 ? "" : scan->shard);
    fact(writer, "fact", "Scanned by", scan->tool_version);
    fact(writer, "fact", "Page by",
         report->options->tool_version != NULL ? report->options->tool_version : "");
    fact(writer, "fact_code", "Input SHA-256", scan->input_sha256);
}

static void method_options(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct tc_rows *rows = html_query(report, tc_sql_report_html_options);
    while (html_query_next(report, rows)) {
        html_arena_reset(&report->passing);
        fact(writer, "fact", html_visible_column(&report->passing, rows, 0),
             html_visible_column(&report->passing, rows, 1));
    }
    tc_rows_close(rows);
}

static void rejected_rows(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct html_arena *arena = &report->passing;
    struct tc_rows *rows = html_query(report, tc_sql_report_html_rejected);
    if (rows != NULL) {
        tc_rows_bind_int(rows, ":max_rows", HTML_MAX_LINES);
    }
    while (html_query_next(report, rows)) {
        html_arena_reset(arena);
        const char *file = html_visible_column(arena, rows, 0);
        HTML_BLOCK(writer, "rejected_row",
                   SLOT_TEXT("place",
                             html_format(arena, "%s:%lld", file, (long long)html_number(rows, 1))),
                   SLOT_TEXT("text", html_visible_column(arena, rows, 2)),
                   SLOT_TEXT("reason", html_visible_column(arena, rows, 3)));
    }
    tc_rows_close(rows);
}

static void part_rejected(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct html_more more = {.link = "method"};
    if (report->scan.rejected == 0) {
        return;
    }
    if (report->scan.rejected > HTML_MAX_LINES) {
        more.text =
            html_format(&report->lasting, "The first %d of %lld; table rejected_target has all.",
                        HTML_MAX_LINES, (long long)report->scan.rejected);
    }
    HTML_BLOCK(writer, "rejected", SLOT_PART("rows", rejected_rows, report),
               SLOT_PART("more", html_part_more, &more));
}

/* What was done for each address, as far as any was asked for more than a handshake. */
static const char *measured_words(const struct html_report *report)
{
    if (!report->scan.has_survey && report->scan.has_quick) {
        return "For each name one DNS lookup; for each address one TCP connection, the STARTTLS "
               "dialogue where its protocol has one, and one full TLS handshake. What a server "
               "would accept beside that was not asked. Times come from a monotonic clock, without "
               "our own queues.";
    }
    if (report->stats.survey.endpoints == 0) {
        return "Times come from a monotonic clock, without our own queues.";
    }
    return report->scan.has_quick
               ? "For each address one full TLS handshake, then, but for targets of profile quick, "
                 "short connections that list versions, suites and groups. Times come from a "
                 "monotonic clock, without our own queues."
               : "For each address one full TLS handshake, then short connections that list "
                 "versions, suites and groups. Times come from a monotonic clock, without our own "
                 "queues.";
}

void html_section_method(struct html_writer *writer, const void *context)
{
    HTML_BLOCK(writer, "method", SLOT_TEXT("measured", measured_words(context)),
               SLOT_PART("facts", method_facts, context),
               SLOT_PART("options", method_options, context),
               SLOT_PART("rejected", part_rejected, context));
}
