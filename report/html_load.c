/* What the page needs before its first byte: the scan, labels, names of codes, rules. */
#include <stdlib.h>
#include <string.h>

#include "html_report.h"
#include "tlscensus/sql.h"

#define MAX_RULES 1024U

static void load_scan(struct html_report *report)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_scan);
    struct html_arena *lasting = &report->lasting;
    if (!html_query_next(report, rows)) {
        if (report->status == TC_OK) {
            report->status = tc_fail(report->error, TC_ERR_NOT_FOUND, "there is no scan %lld",
                                     (long long)report->scan_id);
        }
        tc_rows_close(rows);
        return;
    }
    report->scan = (struct html_scan){
        .profile = html_visible_column(lasting, rows, 0),
        .state = html_visible_column(lasting, rows, 1),
        .started_s = html_number(rows, 2),
        .finished_s = html_int(rows, 3),
        .as_of_s = html_number(rows, 4),
        .tool_version = html_visible_column(lasting, rows, 5),
        .vantage = html_visible_column(lasting, rows, 6),
        .notices = html_visible_column(lasting, rows, 7),
        .trust_store = html_visible_column(lasting, rows, 8),
        .trust_store_sha256 = html_visible_column(lasting, rows, 9),
        .input_sha256 = html_visible_column(lasting, rows, 10),
        .shard = html_visible_column(lasting, rows, 11),
        .targets = html_number(rows, 12),
        .open_targets = html_number(rows, 13),
        .rejected = html_number(rows, 14),
        .has_earlier = html_number(rows, 15) != 0,
        .observations = html_number(rows, 16),
        .has_quick = html_number(rows, 17) != 0,
        .has_survey = html_number(rows, 18) != 0,
    };
    tc_rows_close(rows);
}

static const char *code_words(struct html_report *report, const struct tc_rows *rows)
{
    const char *name = html_visible_column(&report->lasting, rows, 2);
    return strncmp(name, "TLSv", 4) == 0 ? html_format(&report->lasting, "TLS %s", name + 4) : name;
}

/* The query sorts as html_code_name() searches. */
static void load_codes(struct html_report *report)
{
    struct tc_rows *rows = html_query(report, tc_sql_report_html_registry);
    size_t capacity = 0;
    while (html_query_next(report, rows)) {
        if (report->num_codes == capacity) {
            capacity = capacity > 0 ? capacity * 2 : 512;
            struct html_code *grown = realloc(report->codes, capacity * sizeof *grown);
            if (grown == NULL) {
                html_fail(report, TC_ERR_NOMEM);
                break;
            }
            report->codes = grown;
        }
        report->codes[report->num_codes++] =
            (struct html_code){.kind = html_visible_column(&report->lasting, rows, 0),
                               .code = html_number(rows, 1),
                               .name = code_words(report, rows)};
    }
    tc_rows_close(rows);
}

static void load_rules(struct html_report *report)
{
    struct tc_rows *rows = html_query_split(report, tc_sql_report_html_rules);
    struct html_arena *lasting = &report->lasting;
    report->rules = calloc(MAX_RULES, sizeof *report->rules);
    if (report->rules == NULL) {
        html_fail(report, TC_ERR_NOMEM);
    }
    while (html_query_next(report, rows) && report->num_rules < MAX_RULES) {
        report->rules[report->num_rules++] = (struct html_rule){
            .id = tc_rows_int(rows, 0),
            .name = html_visible_column(lasting, rows, 1),
            .severity = html_number(rows, 2),
            .title = html_visible_column(lasting, rows, 3),
            .why = html_visible_column(lasting, rows, 4),
            .remedy = html_visible_column(lasting, rows, 5),
            .source = html_visible_column(lasting, rows, 6),
            .cap = html_visible_column(lasting, rows, 7),
            .is_trust = html_number(rows, 8) != 0,
            .standing = html_number(rows, 9),
            .waived = html_number(rows, 10),
            .worst = html_number(rows, 11),
            .worst_count = html_number(rows, 12),
            .places.max = HTML_MAX_PLACES,
        };
        report->stats.totals.findings += html_number(rows, 9);
    }
    tc_rows_close(rows);
}

/* "department" → "Department" */
static const char *head_of(struct html_report *report, const char *label)
{
    const char *shown = html_visible(&report->lasting, label, strlen(label));
    return shown[0] >= 'a' && shown[0] <= 'z'
               ? html_format(&report->lasting, "%c%s", shown[0] - 'a' + 'A', shown + 1)
               : shown;
}

static void load_labels(struct html_report *report)
{
    const char *wanted = report->options->group_by;
    report->group_label = "";
    report->group_head = "Domain";
    report->owner_label = "";
    if (report->status != TC_OK) {
        return;
    }
    report->status =
        tc_label_columns_load(&report->labels, report->store, report->scan_id, report->error);
    if (report->status != TC_OK) {
        return;
    }
    int group = tc_label_columns_group(&report->labels);
    int owner = tc_label_columns_find(&report->labels, "owner");
    if (wanted != NULL) {
        report->status =
            tc_label_columns_want(&group, &report->labels, wanted, report->scan_id, report->error);
    }
    if (report->status != TC_OK) {
        return;
    }
    if (group >= 0) {
        report->group_label = report->labels.columns[group].label;
        report->group_head = head_of(report, report->group_label);
    }
    if (owner >= 0 && owner != group) {
        report->owner_label = report->labels.columns[owner].label;
        report->owner_head = head_of(report, report->owner_label);
    }
}

/* A name that more than half of the targets share, or NULL. */
static const char *majority(struct html_report *report, struct tc_rows *rows)
{
    const char *name = NULL;
    if (html_query_next(report, rows) && html_number(rows, 1) * 2 > html_number(rows, 2)) {
        name = html_visible_column(&report->lasting, rows, 0);
    }
    tc_rows_close(rows);
    return name;
}

static const char *title_by_label(struct html_report *report)
{
    static const char *const k_names[] = {"institution", "organization", "organization_name"};
    const char *title = NULL;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_names) && title == NULL; i++) {
        int column = tc_label_columns_find(&report->labels, k_names[i]);
        struct tc_rows *rows =
            column >= 0 ? html_query(report, tc_sql_report_html_title_label) : NULL;
        if (rows != NULL) {
            tc_rows_bind_text(rows, ":label", report->labels.columns[column].label);
            title = majority(report, rows);
        }
    }
    return title;
}

static void load_title(struct html_report *report)
{
    const char *wanted = report->options->title;
    const char *title = wanted != NULL ? html_visible(&report->lasting, wanted, strlen(wanted))
                                       : title_by_label(report);
    if (title == NULL) {
        title = majority(report, html_query(report, tc_sql_report_html_title));
    }
    char count[HTML_WORDS];
    if (title == NULL) {
        title =
            html_format(&report->lasting, "%.30s %s", html_words_count(count, report->scan.targets),
                        html_plural(report->scan.targets, "target", "targets"));
    }
    report->title = report->split == NULL
                        ? title
                        : html_format(&report->lasting, "%s: %s", title, report->split);
}

void html_load(struct html_report *report)
{
    const char *split = report->options->split_value;
    report->split = split != NULL ? html_visible(&report->lasting, split, strlen(split)) : NULL;
    load_scan(report);
    load_labels(report);
    load_codes(report);
    load_rules(report);
    load_title(report);
    if (report->lasting.failed != TC_OK) {
        html_fail(report, report->lasting.failed);
    }
}
