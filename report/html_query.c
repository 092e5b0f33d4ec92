#include <string.h>

#include "html_report.h"

void html_fail(struct html_report *report, enum tc_status status)
{
    if (report->status == TC_OK) {
        report->status = status;
    }
}

struct tc_rows *html_query(struct html_report *report, const char *sql)
{
    struct tc_rows *rows = NULL;
    if (report->status != TC_OK) {
        return NULL;
    }
    report->status = tc_rows_open(&rows, report->store, sql, report->error);
    if (report->status != TC_OK) {
        return NULL;
    }
    if (strstr(sql, ":scan_id") != NULL) {
        tc_rows_bind_int(rows, ":scan_id", report->scan_id);
    }
    return rows;
}

struct tc_rows *html_query_split(struct html_report *report, const char *sql)
{
    struct tc_rows *rows = html_query(report, sql);
    if (rows != NULL) {
        tc_rows_bind_text(rows, ":group_label", report->group_label);
        tc_rows_bind_text(rows, ":split", report->options->split_value);
    }
    return rows;
}

bool html_query_next(struct html_report *report, struct tc_rows *rows)
{
    if (report->status != TC_OK || rows == NULL || tc_output_failed(report->writer->output)) {
        return false;
    }
    enum tc_status status = tc_rows_next(rows, report->error);
    if (status != TC_OK && status != TC_ERR_END) {
        report->status = status;
    }
    return status == TC_OK;
}

/* A damaged or hostile database may hold any number: sums and differences of these fit. */
static int64_t clamp(int64_t value)
{
    return value > HTML_NUMBER_MAX    ? HTML_NUMBER_MAX
           : value < -HTML_NUMBER_MAX ? -HTML_NUMBER_MAX
                                      : value;
}

int64_t html_int(const struct tc_rows *rows, int column)
{
    return tc_rows_is_null(rows, column) ? HTML_UNKNOWN : clamp(tc_rows_int(rows, column));
}

int64_t html_number(const struct tc_rows *rows, int column)
{
    return clamp(tc_rows_int(rows, column));
}

bool html_wants_group(const struct html_report *report, const char *group)
{
    return report->split == NULL || strcmp(report->split, group) == 0;
}

static int compare_code(const struct html_code *entry, const char *kind, int64_t code)
{
    int order = strcmp(entry->kind, kind);
    return order != 0 ? order : entry->code < code ? -1 : entry->code > code ? 1 : 0;
}

const char *html_code_name(struct html_report *report, const char *kind, int64_t code)
{
    size_t first = 0;
    size_t last = report->num_codes;
    if (code == HTML_UNKNOWN) {
        return "";
    }
    while (first < last) {
        size_t middle = first + (last - first) / 2;
        int order = compare_code(&report->codes[middle], kind, code);
        if (order == 0) {
            return report->codes[middle].name;
        }
        if (order < 0) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return html_format(&report->passing, "0x%04X", (unsigned)code & 0xFFFFU);
}

const char *html_exchange_name(struct html_report *report, const struct html_row *row)
{
    if (row->kx_group != HTML_UNKNOWN) {
        return html_code_name(report, "group", row->kx_group);
    }
    const char *cipher = html_code_name(report, "cipher", row->cipher);
    if (strncmp(cipher, "TLS_RSA_", 8) == 0) {
        return "static RSA";
    }
    return strncmp(cipher, "TLS_DHE_", 8) == 0 ? "DHE" : cipher[0] != '\0' ? "no group" : "";
}

unsigned html_grade_slot(const char *grade)
{
    switch (html_grade_tone(grade)[0]) {
    case 'o':
        return 0;
    case 'm':
        return 1;
    case 'h':
        return 2;
    case 'c':
        return 3;
    default:
        return 4;
    }
}

bool html_row_is_broken(const struct html_row *row)
{
    return row->is_seen && ((row->trusted == 0 && strcmp(row->trust_detail, "expired") != 0) ||
                            row->name_match == 0 || strcmp(row->chain_status, "incomplete") == 0);
}

int64_t html_row_days(const struct html_report *report, const struct html_row *row)
{
    return row->leaf.id == 0 || row->leaf.not_after_s == HTML_UNKNOWN
               ? HTML_UNKNOWN
               : html_days_between(report->scan.as_of_s, row->leaf.not_after_s);
}

const char *html_endpoint_name(struct html_arena *arena, const char *host, int64_t port,
                               bool short_form)
{
    if (short_form && port == 443) {
        return strchr(host, ':') != NULL ? html_format(arena, "[%s]", host) : host;
    }
    return strchr(host, ':') != NULL ? html_format(arena, "[%s]:%lld", host, (long long)port)
                                     : html_format(arena, "%s:%lld", host, (long long)port);
}

const struct html_rule *html_find_rule(const struct html_report *report, int64_t rule_id)
{
    for (size_t i = 0; i < report->num_rules; i++) {
        if (report->rules[i].id == rule_id) {
            return &report->rules[i];
        }
    }
    return NULL;
}

const char *html_of_endpoints(struct html_report *report, int64_t number)
{
    char count[HTML_WORDS];
    return html_format(&report->lasting, "of %.20s %s", html_words_count(count, number),
                       html_plural(number, "endpoint", "endpoints"));
}
