/*
 * Prometheus text for node_exporter's textfile collector: gauges of one scan, in base units,
 * without timestamps of their own. docs/monitoring.md says what each is good for.
 */
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "prometheus_labels.h"
#include "tlscensus/sql.h"

#define PROMETHEUS_TEXT_MAX ((size_t)8 * 1024 * 1024) /* a sample: longer is damaged */
#define PROMETHEUS_FLUSH    ((size_t)32 * 1024)

struct prometheus {
    struct tc_output *output;
    struct tc_store *store;
    int64_t scan_id;
    const struct tc_prometheus_options *options;
    struct prometheus_labels *labels;
    struct tc_buf text; /* what is on its way to the output */
    bool has_labels;    /* the sample that is being written has one */
};

struct metric {
    const char *name; /* behind tlscensus_ */
    const char *help;
    const char *sql; /* rows of labels and a last column `value`; NULL: the column of that name */
};

/* In the order of the file: columns of prometheus_scan.sql, and metrics with a query of their own.
 */
static const struct metric k_scan_metrics[] = {
    {"scan_start_timestamp_seconds", "When the scan began.", NULL},
    {"scan_end_timestamp_seconds", "When the scan ended; alert when it is long ago.", NULL},
    {"scan_success", "1 if the scan did the whole list, 0 if it was interrupted.", NULL},
    {"targets", "Targets of the list, duplicates counted once.", NULL},
    {"endpoints", "Endpoints by how the talk with them ended.", tc_sql_prometheus_outcomes},
    {"findings", "Findings of the rules, one for each endpoint and rule, waived ones left out.",
     tc_sql_prometheus_findings},
    {"endpoints_by_grade", "Endpoints by grade; T: not trusted, M: for another name.",
     tc_sql_prometheus_grades},
    {"endpoints_by_version", "Endpoints that accept this protocol version, where it was asked.",
     tc_sql_prometheus_versions},
    {"endpoints_post_quantum", "Endpoints that accept a post-quantum group, where it was asked.",
     NULL},
    {"leaf_certificates_expired", "Server certificates past their end, each counted once.", NULL},
    {"leaf_certificates_expiring",
     "Server certificates that end within this time and have not ended, each counted once.",
     tc_sql_prometheus_expiring},
};

/* Columns of prometheus_endpoints.sql: a value each, NULL for no series. */
static const struct endpoint_metric {
    const char *name;
    const char *help; /* NULL: the metric of the row before goes on */
    const char *column;
    const char *phase; /* NULL; else the column is in microseconds */
    bool is_info;      /* has the words of the handshake as labels */
} k_endpoint_metrics[] = {
    {"endpoint_up", "1 if the endpoint answered: a handshake ended well or a certificate was seen.",
     "endpoint_up", NULL, false},
    {"endpoint_info", "What the handshake agreed on, who issued the certificate, and the grade.",
     "endpoint_info", NULL, true},
    {"leaf_not_after_timestamp_seconds", "End of the server's own certificate.",
     "leaf_not_after_timestamp_seconds", NULL, false},
    {"chain_not_after_timestamp_seconds",
     "The first end on the verified path without its anchor, else of what was sent.",
     "chain_not_after_timestamp_seconds", NULL, false},
    {"presented_depth", "Certificates that the server sent.", "presented_depth", NULL, false},
    {"verified_depth", "Certificates on the path to the trust anchor, both ends counted.",
     "verified_depth", NULL, false},
    {"phase_duration_seconds", "How long the phases of the talk took.", "dns_us", "dns", false},
    {"phase_duration_seconds", NULL, "connect_us", "connect", false},
    {"phase_duration_seconds", NULL, "handshake_us", "handshake", false},
};

/* ---- samples ---- */

static void flush(struct prometheus *report)
{
    if (report->text.failed == TC_OK && report->text.len > 0) {
        tc_output_write(report->output, report->text.data, report->text.len);
        tc_buf_clear(&report->text);
    }
}

static void write_head(struct prometheus *report, const char *name, const char *help)
{
    tc_buf_addf(&report->text, "# HELP tlscensus_%s %s\n# TYPE tlscensus_%s gauge\n", name, help,
                name);
}

static void begin_sample(struct prometheus *report, const char *name)
{
    report->has_labels = false;
    tc_buf_add_str(&report->text, "tlscensus_");
    tc_buf_add_str(&report->text, name);
}

static void add_label(struct prometheus *report, const char *name, const char *value, size_t len)
{
    tc_buf_addf(&report->text, "%c%s=\"", report->has_labels ? ',' : '{', name);
    tc_escape_prometheus(&report->text, value, len);
    tc_buf_add_char(&report->text, '"');
    report->has_labels = true;
}

/* A column as a label; NULL is no label, which Prometheus takes for the empty one. */
static void add_column(struct prometheus *report, const struct tc_rows *rows, int column)
{
    if (!tc_rows_is_null(rows, column)) {
        add_label(report, tc_rows_column_name(rows, column), tc_rows_text(rows, column),
                  tc_rows_bytes(rows, column));
    }
}

static void begin_value(struct prometheus *report)
{
    tc_buf_add_str(&report->text, report->has_labels ? "} " : " ");
}

static void end_sample(struct prometheus *report)
{
    tc_buf_add_char(&report->text, '\n');
    if (report->text.len > PROMETHEUS_FLUSH) {
        flush(report);
    }
}

/* ---- the scan ---- */

static enum tc_status write_counted(struct prometheus *report, const struct metric *metric,
                                    struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, report->store, metric->sql, error);
    if (status != TC_OK) {
        return status;
    }
    int value = tc_rows_num_columns(rows) - 1;
    bool is_first = true;
    tc_rows_bind_int(rows, ":scan_id", report->scan_id);
    while ((status = tc_rows_next(rows, error)) == TC_OK) {
        if (is_first) {
            write_head(report, metric->name, metric->help);
            is_first = false;
        }
        begin_sample(report, metric->name);
        for (int i = 0; i < value; i++) {
            add_column(report, rows, i);
        }
        begin_value(report);
        tc_add_integer(&report->text, tc_rows_int(rows, value));
        end_sample(report);
    }
    tc_rows_close(rows);
    return status == TC_ERR_END ? TC_OK : status;
}

static void write_simple(struct prometheus *report, const struct metric *metric,
                         const struct tc_rows *scan)
{
    int column = tc_row_column(scan, metric->name);
    if (tc_rows_is_null(scan, column)) {
        return;
    }
    write_head(report, metric->name, metric->help);
    begin_sample(report, metric->name);
    begin_value(report);
    tc_add_integer(&report->text, tc_rows_int(scan, column));
    end_sample(report);
}

static void write_build_info(struct prometheus *report)
{
    const char *version = report->options->tool_version;
    write_head(report, "build_info", "The program that wrote this file.");
    begin_sample(report, "build_info");
    add_label(report, "version", version, strlen(version));
    begin_value(report);
    tc_buf_add_char(&report->text, '1');
    end_sample(report);
}

static enum tc_status write_scan(struct prometheus *report, int64_t *out_num_endpoints,
                                 struct tc_error *error)
{
    struct tc_rows *scan = NULL;
    enum tc_status status = tc_rows_open(&scan, report->store, tc_sql_prometheus_scan, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(scan, ":scan_id", report->scan_id);
    status = tc_rows_next(scan, error);
    if (status == TC_ERR_END) {
        status =
            tc_fail(error, TC_ERR_NOT_FOUND, "there is no scan %lld", (long long)report->scan_id);
    }
    write_build_info(report);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_scan_metrics) && status == TC_OK; i++) {
        const struct metric *metric = &k_scan_metrics[i];
        if (metric->sql != NULL) {
            status = write_counted(report, metric, error);
        } else {
            write_simple(report, metric, scan);
        }
    }
    if (status == TC_OK) {
        *out_num_endpoints = tc_row_int(scan, "num_endpoints");
    }
    tc_rows_close(scan);
    return status;
}

/* ---- endpoints ---- */

static enum tc_status add_place(struct prometheus *report, const struct tc_rows *rows,
                                struct tc_error *error)
{
    static const char *const place[] = {"host", "port", "address"};
    static const char *const rest[] = {"protocol", "pinned_address", "sni"};
    for (size_t i = 0; i < TC_ARRAY_LEN(place); i++) {
        add_column(report, rows, tc_row_column(rows, place[i]));
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(rest) && tc_row_int(rows, "same_place") != 0; i++) {
        add_column(report, rows, tc_row_column(rows, rest[i]));
    }
    return prometheus_labels_add(&report->text, report->labels, tc_row_int(rows, "label_set_id"),
                                 error);
}

static void add_seconds(struct tc_buf *out, int64_t us)
{
    uint64_t size = us < 0 ? 0 : (uint64_t)us;
    tc_buf_addf(out, "%llu.%06u", (unsigned long long)(size / 1000000), (unsigned)(size % 1000000));
}

static enum tc_status write_endpoint(struct prometheus *report,
                                     const struct endpoint_metric *metric,
                                     const struct tc_rows *rows, struct tc_error *error)
{
    static const char *const info[] = {"tls_version", "cipher", "kx_group", "issuer", "grade"};
    int column = tc_row_column(rows, metric->column);
    if (tc_rows_is_null(rows, column)) {
        return TC_OK;
    }
    begin_sample(report, metric->name);
    enum tc_status status = add_place(report, rows, error);
    for (size_t i = 0; i < TC_ARRAY_LEN(info) && metric->is_info; i++) {
        add_column(report, rows, tc_row_column(rows, info[i]));
    }
    if (metric->phase != NULL) {
        add_label(report, "phase", metric->phase, strlen(metric->phase));
    }
    begin_value(report);
    if (metric->phase != NULL) {
        add_seconds(&report->text, tc_rows_int(rows, column));
    } else {
        tc_add_integer(&report->text, tc_rows_int(rows, column));
    }
    end_sample(report);
    return status;
}

/* A metric's samples stand together, so the endpoints are walked once for each. */
static enum tc_status write_endpoints(struct prometheus *report, struct tc_error *error)
{
    struct tc_rows *rows = NULL;
    enum tc_status status = tc_rows_open(&rows, report->store, tc_sql_prometheus_endpoints, error);
    if (status != TC_OK) {
        return status;
    }
    tc_rows_bind_int(rows, ":scan_id", report->scan_id);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_endpoint_metrics) && status == TC_OK; i++) {
        const struct endpoint_metric *metric = &k_endpoint_metrics[i];
        if (metric->help != NULL) {
            write_head(report, metric->name, metric->help);
        }
        tc_rows_reset(rows);
        while (status == TC_OK && !tc_output_failed(report->output)) {
            status = tc_rows_next(rows, error);
            if (status == TC_OK) {
                status = write_endpoint(report, metric, rows, error);
            }
        }
        status = status == TC_ERR_END ? TC_OK : status;
    }
    tc_rows_close(rows);
    return status;
}

static enum tc_status write_report(struct prometheus *report, struct tc_error *error)
{
    enum tc_per_endpoint wish = report->options->per_endpoint;
    int64_t num_endpoints = 0;
    enum tc_status status =
        prometheus_labels_new(&report->labels, report->store, report->scan_id,
                              report->options->labels, report->options->num_labels, error);
    if (status == TC_OK) {
        status = write_scan(report, &num_endpoints, error);
    }
    if (status != TC_OK || wish == TC_PER_ENDPOINT_NO) {
        return status;
    }
    if (wish == TC_PER_ENDPOINT_AUTO && num_endpoints > TC_PER_ENDPOINT_MAX) {
        tc_buf_addf(&report->text,
                    "# %lld endpoints are more than %d: no series for each (--per-endpoint)\n",
                    (long long)num_endpoints, TC_PER_ENDPOINT_MAX);
        return TC_OK;
    }
    return write_endpoints(report, error);
}

enum tc_status tc_report_prometheus(struct tc_output *output, struct tc_store *store,
                                    int64_t scan_id, const struct tc_prometheus_options *options,
                                    struct tc_error *error)
{
    struct prometheus report = {
        .output = output, .store = store, .scan_id = scan_id, .options = options};
    tc_buf_init(&report.text, PROMETHEUS_TEXT_MAX);
    enum tc_status status = tc_store_begin_read(store, error);
    if (status != TC_OK) {
        return status;
    }
    status = write_report(&report, error);
    if (status == TC_OK && report.text.failed != TC_OK) {
        status =
            tc_fail(error, report.text.failed, "a metric: %s", tc_status_str(report.text.failed));
    }
    flush(&report);
    prometheus_labels_free(report.labels);
    tc_buf_cleanup(&report.text);
    tc_store_end_read(store);
    return status;
}
