/* tc_report_html: sets the page up and writes it, section by section, in one pass. */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "tlscensus/assets.h"
#include "tlscensus/markup.h"

/* ---- the head ---- */

static void meta(struct html_writer *writer, const char *name, const char *value)
{
    HTML_BLOCK(writer, "meta", SLOT_TEXT("name", name), SLOT_TEXT("value", value));
}

static const char *when_words(struct html_report *report)
{
    const struct html_scan *scan = &report->scan;
    char start[HTML_WORDS];
    char end[HTML_WORDS];
    html_words_time(start, scan->started_s);
    if (scan->finished_s == HTML_UNKNOWN) {
        return html_format(&report->passing, "%.20s, no end", start);
    }
    html_words_time(end, scan->finished_s);
    bool same_day = strncmp(start, end, 10) == 0;
    return html_format(&report->passing, "%.20s to %.20s", start, same_day ? end + 11 : end);
}

void html_part_meta(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    struct html_arena *arena = &report->passing;
    char endpoints[HTML_WORDS];
    char targets[HTML_WORDS];
    html_arena_reset(arena);
    bool is_done = strcmp(report->scan.state, "done") == 0;
    meta(writer, "Scan",
         html_format(arena, "%lld, %s", (long long)report->scan_id,
                     is_done ? "completed" : report->scan.state));
    meta(writer, "When (UTC)", when_words(report));
    int64_t num_endpoints = report->stats.totals.endpoints;
    const char *shown = html_format(arena, "%.20s %s", html_words_count(endpoints, num_endpoints),
                                    html_plural(num_endpoints, "endpoint", "endpoints"));
    if (report->split != NULL) {
        meta(writer, "Part",
             html_format(arena, "%s, %s: %s", shown, report->group_head, report->split));
        return;
    }
    meta(writer, "Input",
         html_format(arena, "%.20s %s, %s", html_words_count(targets, report->scan.targets),
                     html_plural(report->scan.targets, "target", "targets"), shown));
}

static void part_tools(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    if (!report->options->no_script) {
        html_block(writer, "tools", NULL);
    }
}

static void nav_count(struct html_writer *writer, const void *count)
{
    if (*(const int64_t *)count > 0) {
        HTML_BLOCK(writer, "nav_count", SLOT_COUNT("count", *(const int64_t *)count));
    }
}

static void part_nav(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    const struct html_totals *totals = &report->stats.totals;
    const struct {
        const char *id;
        const char *name;
        int64_t count;
        bool is_there;
    } items[] = {
        {"glance", "At a glance", 0, true},
        {"changes", "Changes", report->changes.all_targets, true},
        {"expiry", "Expiry", 0, totals->dated > 0},
        {"posture", "Posture", 0, totals->seen > 0},
        {"departments", html_groups_head(report), (int64_t)report->stats.groups.num,
         report->stats.groups.num > 1},
        {"findings", "Findings", totals->findings, report->num_rules > 0},
        {"keys", "Keys", report->all_keys, report->all_keys > 0},
        {"endpoints", "Endpoints", totals->seen, totals->seen > 0},
        {"unreachable", "Unreachable", totals->endpoints - totals->seen,
         totals->endpoints > totals->seen},
        {"details", "Details", 0, totals->seen > 0},
        {"facts", "Facts", 0, report->stats.survey.endpoints > 0},
        {"method", "Method", 0, true},
    };
    for (size_t i = 0; i < TC_ARRAY_LEN(items); i++) {
        if (items[i].is_there) {
            HTML_BLOCK(writer, "nav", SLOT_RAW("id", items[i].id), SLOT_TEXT("name", items[i].name),
                       SLOT_PART("count", nav_count, &items[i].count));
        }
    }
}

void html_part_warning(struct html_writer *writer, const void *context)
{
    struct html_report *report = (struct html_report *)(uintptr_t)context;
    char open[HTML_WORDS];
    char all[HTML_WORDS];
    if (strcmp(report->scan.state, "done") != 0) {
        const char *text =
            html_format(&report->lasting,
                        "This scan did not finish (%s): %.20s of %.20s targets were not examined. "
                        "\"tlscensus scan --resume\" goes on with them.",
                        report->scan.state, html_words_count(open, report->scan.open_targets),
                        html_words_count(all, report->scan.targets));
        HTML_BLOCK(writer, "warning", SLOT_TEXT("text", text));
    }
}

void html_part_style(struct html_writer *writer, const void *context)
{
    (void)context;
    html_raw_lean(writer, tc_asset_style);
}

static void part_script(struct html_writer *writer, const void *context)
{
    (void)context;
    html_raw_lean(writer, tc_asset_page);
}

static void part_data(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    html_section_data(writer, context);
    if (!report->options->no_script) {
        HTML_BLOCK(writer, "script", SLOT_PART("script", part_script, NULL));
    }
}

static void part_script_source(struct html_writer *writer, const void *context)
{
    const struct html_report *report = context;
    char hash[45];
    if (report->options->no_script) {
        html_raw(writer, "'none'");
        return;
    }
    html_lean_hash(hash, tc_asset_page);
    html_raw(writer, "'sha256-");
    html_raw(writer, hash);
    html_raw(writer, "'");
}

static void write_page(struct html_report *report, void *context)
{
    (void)context;
    char style_hash[45];
    char date[HTML_WORDS];
    html_lean_hash(style_hash, tc_asset_style);
    HTML_BLOCK(
        report->writer, "page", SLOT_RAW("style_hash", style_hash),
        SLOT_PART("script_source", part_script_source, report), SLOT_TEXT("title", report->title),
        SLOT_RAW("date", html_words_date(date, report->scan.started_s)),
        SLOT_PART("style", html_part_style, NULL), SLOT_PART("meta", html_part_meta, report),
        SLOT_PART("tools", part_tools, report), SLOT_PART("nav", part_nav, report),
        SLOT_PART("warning", html_part_warning, report),
        SLOT_PART("glance", html_section_glance, report),
        SLOT_PART("changes", html_section_changes, report),
        SLOT_PART("expiry", html_section_expiry, report),
        SLOT_PART("posture", html_section_posture, report),
        SLOT_PART("departments", html_section_departments, report),
        SLOT_PART("findings", html_section_findings, report),
        SLOT_PART("keys", html_section_keys, report),
        SLOT_PART("endpoints", html_section_endpoints, report),
        SLOT_PART("unreachable", html_section_unreachable, report),
        SLOT_PART("details", html_section_details, report),
        SLOT_PART("facts", html_section_facts, report),
        SLOT_PART("method", html_section_method, report), SLOT_PART("data", part_data, report));
}

/* ---- setting up ---- */

static void report_init(struct html_report *report, bool has_data)
{
    const struct tc_html_options *options = report->options;
    report->max_rows = options->no_script      ? SIZE_MAX / 4
                       : options->max_rows > 0 ? options->max_rows
                                               : HTML_DEFAULT_ROWS;
    report->max_details = options->max_details > 0 ? options->max_details : HTML_DEFAULT_DETAILS;
    if (report->max_rows < HTML_MAX_ACTIONS) {
        report->max_rows = HTML_MAX_ACTIONS; /* the action list comes from the same rows */
    }
    if (report->max_rows < report->max_details) {
        report->max_rows = report->max_details;
    }
    html_load(report);
    html_load_sets(report);
    if (report->status == TC_OK) {
        report->walk = html_walk_open(report);
    }
    if (report->status == TC_OK && has_data) {
        report->data = html_data_begin(report);
    }
    if (report->status == TC_OK) {
        html_count_stats(report);
        html_load_keys(report);
        html_load_changes(report);
    }
}

static void report_cleanup(struct html_report *report)
{
    html_data_free(report->data);
    html_walk_free(report->walk);
    html_sets_cleanup(report);
    tc_rows_close(report->other_chains);
    html_stats_cleanup(&report->stats);
    tc_label_columns_cleanup(&report->labels);
    html_arena_cleanup(&report->lasting);
    html_arena_cleanup(&report->passing);
    for (size_t i = 0; i < report->num_rules; i++) {
        html_worst_cleanup(&report->rules[i].places);
    }
    free(report->histories);
    free(report->codes);
    free(report->rules);
}

static enum tc_status finish(struct html_report *report)
{
    const struct html_arena *arenas[] = {&report->lasting, &report->passing};
    for (size_t i = 0; i < TC_ARRAY_LEN(arenas); i++) {
        if (arenas[i]->failed != TC_OK) {
            html_fail(report, arenas[i]->failed);
        }
    }
    if (report->status == TC_ERR_NOMEM) {
        return tc_fail(report->error, TC_ERR_NOMEM, "%s: out of memory",
                       tc_store_path(report->store));
    }
    return report->status;
}

enum tc_status html_report_write(const struct html_request *request, html_body body, void *context,
                                 struct tc_error *error)
{
    struct html_writer writer;
    struct html_report *report = calloc(1, sizeof *report);
    enum tc_status status = html_writer_init(&writer, request->output, tc_markup_page);
    if (report == NULL || status != TC_OK) {
        status = tc_fail(error, TC_ERR_NOMEM, "the page: %s", tc_status_str(TC_ERR_NOMEM));
        goto done;
    }
    status = tc_store_begin_read(request->store, error);
    if (status != TC_OK) {
        goto done;
    }
    *report = (struct html_report){.writer = &writer,
                                   .store = request->store,
                                   .scan_id = request->scan_id,
                                   .options = request->options,
                                   .error = error};
    report_init(report, request->has_data);
    if (report->status == TC_OK) {
        body(report, context);
    }
    status = finish(report);
    report_cleanup(report);
    tc_store_end_read(request->store);

done:
    html_writer_cleanup(&writer);
    free(report);
    return status;
}

enum tc_status tc_report_html(struct tc_output *output, struct tc_store *store, int64_t scan_id,
                              const struct tc_html_options *options, struct tc_error *error)
{
    const struct html_request request = {output, store, scan_id, options, .has_data = true};
    return html_report_write(&request, write_page, NULL, error);
}
