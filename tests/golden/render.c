/*
 * render DATABASE FORMAT [ARGUMENT…] [KEY=VALUE…] writes one report to standard output: what the
 * golden tests compare. `render DATABASE create` makes an empty database.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tlscensus/report.h"

struct request {
    struct tc_store *store;
    struct tc_output *output;
    int64_t scan_id;
    const char *argument; /* a table, or HOST:PORT */
    struct tc_csv_options csv;
    struct tc_terminal_options terminal;
    struct tc_prometheus_options prometheus;
    const char *labels[4];
    struct tc_icalendar_options icalendar;
    int64_t base; /* of a diff; 0: the stored one */
    bool all;
    const char *page;
};

static enum tc_status render_csv(const struct request *request, struct tc_error *error)
{
    static const char *const tables[] = {"endpoints", "certificates", "findings", "changes",
                                         "inventory"};
    uint64_t rows = 0;
    for (size_t i = 0; i < TC_ARRAY_LEN(tables); i++) {
        if (strcmp(request->argument, tables[i]) == 0) {
            return tc_report_csv(request->output, request->store, request->scan_id,
                                 (enum tc_table)i, &request->csv, &rows, error);
        }
    }
    return tc_fail(error, TC_ERR_INPUT, "no table %s", request->argument);
}

static enum tc_status render_json(const struct request *request, struct tc_error *error)
{
    return tc_report_json(request->output, request->store, request->scan_id, error);
}

static enum tc_status render_jsonl(const struct request *request, struct tc_error *error)
{
    return tc_report_jsonl(request->output, request->store, request->scan_id, error);
}

/* `argument` is a host and a port with a space between: "www.example.edu 443". */
static enum tc_status render_show(const struct request *request, struct tc_error *error)
{
    char host[256];
    unsigned port = 0;
    const char *space = strchr(request->argument, ' ');
    if (space == NULL || (size_t)(space - request->argument) >= sizeof host) {
        return tc_fail(error, TC_ERR_INPUT, "show wants a host and a port");
    }
    snprintf(host, sizeof host, "%.*s", (int)(space - request->argument), request->argument);
    port = (unsigned)strtoul(space + 1, NULL, 10);
    return tc_report_show(request->output, request->store, request->scan_id, host, port,
                          &request->terminal, error);
}

static enum tc_status render_scans(const struct request *request, struct tc_error *error)
{
    return tc_report_scans(request->output, request->store, &request->terminal, error);
}

static enum tc_status render_summary(const struct request *request, struct tc_error *error)
{
    return tc_report_summary(request->output, request->store, request->scan_id, &request->terminal,
                             error);
}

static enum tc_status render_prometheus(const struct request *request, struct tc_error *error)
{
    struct tc_prometheus_options options = request->prometheus;
    options.labels = request->labels;
    options.tool_version = "0.1.0";
    return tc_report_prometheus(request->output, request->store, request->scan_id, &options, error);
}

static enum tc_status render_icalendar(const struct request *request, struct tc_error *error)
{
    return tc_report_icalendar(request->output, request->store, request->scan_id,
                               &request->icalendar, error);
}

/* `argument` is text, csv, json or jsonl. */
static enum tc_status render_diff(const struct request *request, struct tc_error *error)
{
    const struct tc_diff_options diff = {
        .terminal = &request->terminal, .page = request->page, .min_severity = !request->all};
    struct tc_csv_options csv = request->csv;
    int64_t base = request->base;
    uint64_t rows = 0;
    enum tc_status status =
        base != 0 ? tc_store_compare(request->store, base, request->scan_id, error)
                  : tc_store_find_base(request->store, request->scan_id, &base, error);
    csv.min_severity = diff.min_severity;
    if (status != TC_OK) {
        return status;
    }
    if (strcmp(request->argument, "csv") == 0) {
        return tc_report_csv(request->output, request->store, request->scan_id, TC_TABLE_CHANGES,
                             &csv, &rows, error);
    }
    if (strncmp(request->argument, "json", 4) == 0) {
        return tc_report_changes_json(request->output, request->store, request->scan_id,
                                      diff.min_severity, request->argument[4] != '\0', error);
    }
    return tc_report_diff(request->output, request->store, base, request->scan_id, &diff, error);
}

static const struct {
    const char *name;
    enum tc_status (*render)(const struct request *request, struct tc_error *error);
} formats[] = {
    {"csv", render_csv},     {"json", render_json},     {"jsonl", render_jsonl},
    {"diff", render_diff},   {"ics", render_icalendar}, {"prometheus", render_prometheus},
    {"scans", render_scans}, {"show", render_show},     {"summary", render_summary},
};

static void read_setting(struct request *request, const char *text)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL) {
        request->argument = text;
        return;
    }
    size_t len = (size_t)(equals - text);
    unsigned long value = strtoul(equals + 1, NULL, 10);
    if (strncmp(text, "bom", len) == 0) {
        request->csv.bom = value != 0;
    } else if (strncmp(text, "guard", len) == 0) {
        request->csv.formula_guard = value != 0;
    } else if (strncmp(text, "eu", len) == 0) {
        request->csv.excel_eu = value != 0;
    } else if (strncmp(text, "first", len) == 0) {
        request->csv.first_row = value;
    } else if (strncmp(text, "rows", len) == 0) {
        request->csv.max_rows = value;
    } else if (strncmp(text, "utf8", len) == 0) {
        request->terminal.utf8 = value != 0;
    } else if (strncmp(text, "color", len) == 0) {
        request->terminal.color = value != 0;
    } else if (strncmp(text, "columns", len) == 0) {
        request->terminal.columns = (int)value;
    } else if (strncmp(text, "label", len) == 0 &&
               request->prometheus.num_labels < TC_ARRAY_LEN(request->labels)) {
        request->labels[request->prometheus.num_labels++] = equals + 1;
    } else if (strncmp(text, "per-endpoint", len) == 0) {
        request->prometheus.per_endpoint = value != 0 ? TC_PER_ENDPOINT_YES : TC_PER_ENDPOINT_NO;
    } else if (strncmp(text, "within", len) == 0) {
        request->icalendar.within_days = (unsigned)value;
    } else if (strncmp(text, "group", len) == 0) {
        request->icalendar.group_by = equals + 1;
    } else if (strncmp(text, "base", len) == 0) {
        request->base = (int64_t)value;
    } else if (strncmp(text, "all", len) == 0) {
        request->all = value != 0;
    } else if (strncmp(text, "page", len) == 0) {
        request->page = equals + 1;
    } else if (strncmp(text, "scan", len) == 0) {
        request->scan_id = (int64_t)value;
    }
}

/* Ends the scan that was named, as done: what changed is stored. */
static enum tc_status close_scan(const struct request *request, struct tc_error *error)
{
    const struct tc_scan_end_record record = {
        .state = TC_SCAN_DONE, .finished_s = 1795399237, .vantage = "", .notices = ""};
    return tc_store_end_scan(request->store, request->scan_id, &record, error);
}

static enum tc_status run(struct request *request, const char *format, struct tc_error *error)
{
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status =
        tc_store_pick_scan(request->store, request->scan_id, &request->scan_id, &state, error);
    for (size_t i = 0; status == TC_OK && i < TC_ARRAY_LEN(formats); i++) {
        if (strcmp(format, formats[i].name) == 0) {
            return formats[i].render(request, error);
        }
    }
    return status == TC_OK ? tc_fail(error, TC_ERR_INPUT, "no format %s", format) : status;
}

int main(int argc, char **argv)
{
    struct request request = {.argument = "endpoints",
                              .csv = {.formula_guard = true},
                              .terminal = {.utf8 = true, .columns = 80},
                              .icalendar = {.within_days = 120}};
    struct tc_error error = {{0}};
    if (argc < 3) {
        fputs("usage: render DATABASE FORMAT [ARGUMENT] [KEY=VALUE…]\n", stderr);
        return 2;
    }
    bool create = strcmp(argv[2], "create") == 0;
    bool closes = strcmp(argv[2], "close") == 0;
    for (int i = 3; i < argc; i++) {
        read_setting(&request, argv[i]);
    }
    enum tc_status status = tc_store_open(&request.store, argv[1],
                                          create   ? TC_STORE_CREATE
                                          : closes ? TC_STORE_WRITE
                                                   : TC_STORE_READ,
                                          &error);
    if (status == TC_OK && closes) {
        status = close_scan(&request, &error);
    }
    if (status == TC_OK && !create && !closes) {
        status = tc_output_open(&request.output, NULL, &error);
    }
    if (status == TC_OK && !create && !closes) {
        status = run(&request, argv[2], &error);
        if (status == TC_OK) {
            status = tc_output_commit(request.output, &error);
        } else {
            tc_output_discard(request.output);
        }
    }
    tc_store_close(request.store);
    if (status != TC_OK) {
        fprintf(stderr, "render: %s\n", error.text);
    }
    return status == TC_OK ? 0 : 1;
}
