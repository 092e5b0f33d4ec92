/* tlscensus report: page, spreadsheet, JSON, Prometheus, calendar. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/report_set.h"
#include "cli/talk.h"
#include "cli/version.h"
#include "tlscensus/report.h"

static const char *const k_examples[] = {
    "tlscensus report -o report.html",
    "the page of the newest scan in tlscensus.db",
    "tlscensus report -o endpoints.csv",
    "one row per endpoint, for a spreadsheet",
    "tlscensus report --format csv --table findings --scan 12",
    "the findings of scan 12 on standard output",
    "tlscensus report --split-by Department -o report.html",
    "report.html lists report-library.html, report-physics.html, …: a page for each",
    "tlscensus report --format prometheus --label owner -o /var/lib/node/tlscensus.prom",
    "gauges for Prometheus, one line for each endpoint and fact",
    "tlscensus report --output-dir /srv/www/tls",
    "page, tables, JSON, Prometheus and calendar at once, below /srv/www/tls/latest",
    "tlscensus report --compare-with 12 -o quarter.html",
    "the page, with all that changed since scan 12",
    NULL,
};
static const struct cli_command k_command = {
    .name = "report",
    .usage = "[--format FORMAT] [--table TABLE] [-o FILE]",
    .summary = "Render a scan as a page for people or a table for programs.",
    .examples = k_examples,
};

/* A file that is named for a program which could not open it. */
static enum tc_status check_name(const struct report_settings *settings, struct tc_error *error)
{
    static const char *const foreign[] = {".xlsx", ".xls", ".ods", ".pdf",
                                          ".docx", ".db",  ".gz",  ".zip"};
    const char *dot = settings->output != NULL ? strrchr(settings->output, '.') : NULL;
    for (size_t i = 0; i < TC_ARRAY_LEN(foreign) && dot != NULL; i++) {
        if (strcasecmp(dot, foreign[i]) == 0) {
            return tc_fail(error, TC_ERR_INPUT,
                           "%s: no format of ours is named %s: spreadsheets open .csv, browsers "
                           "open and print .html",
                           settings->output, foreign[i]);
        }
    }
    return TC_OK;
}

static enum tc_status check(const struct report_settings *settings, struct tc_error *error)
{
    bool is_set = settings->output_dir != NULL;
    bool to_stdout = !is_set && (settings->output == NULL || strcmp(settings->output, "-") == 0);
    if (is_set && (settings->output != NULL || settings->all_tables != NULL ||
                   settings->format != CLI_FORMAT_HTML)) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--output-dir writes every format into a folder of its own: leave -o, "
                       "--format and --all-tables away");
    }
    if (settings->per_endpoint && settings->no_per_endpoint) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--per-endpoint and --no-per-endpoint exclude each other");
    }
    bool is_html = settings->format == CLI_FORMAT_HTML && settings->all_tables == NULL;
    if (settings->split_by != NULL && (!is_html || to_stdout || settings->group_by != NULL)) {
        return tc_fail(error, TC_ERR_INPUT, "--split-by %s",
                       !is_html    ? "is for pages alone: --format html"
                       : to_stdout ? "writes several pages: name the one that lists them with -o "
                                     "report.html"
                                   : "groups by its own label: leave --group-by away");
    }
    if (is_html && to_stdout && isatty(STDOUT_FILENO) == 1) {
        return tc_fail(error, TC_ERR_INPUT,
                       "a page is not for a terminal: name a file with -o report.html");
    }
    bool is_changes = is_set || settings->all_tables != NULL ||
                      (settings->format == CLI_FORMAT_CSV ? settings->table == (int)TC_TABLE_CHANGES
                                                          : settings->format <= CLI_FORMAT_JSONL);
    if (settings->compare_with > 0 && !is_changes) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--compare-with is for what tells changes: a page, JSON, or --format csv "
                       "--table changes");
    }
    if (settings->split_rows > 0 && to_stdout) {
        return tc_fail(error, TC_ERR_INPUT, "--split-rows needs -o FILE");
    }
    if (settings->table != (int)TC_TABLE_ENDPOINTS && settings->format != CLI_FORMAT_CSV) {
        return tc_fail(error, TC_ERR_INPUT,
                       "--table is for csv: a page, and every other format, has its own parts");
    }
    return check_name(settings, error);
}

/* "endpoints.csv" and part 2 give "endpoints-2.csv". */
static enum tc_status part_path(struct tc_buf *out, const char *path, unsigned part)
{
    const char *dot = strrchr(path, '.');
    if (part == 1 || path[0] == '\0') {
        return tc_buf_add_str(out, path);
    }
    if (dot == NULL || strchr(dot, '/') != NULL) {
        return tc_buf_addf(out, "%s-%u", path, part);
    }
    return tc_buf_addf(out, "%.*s-%u%s", (int)(dot - path), path, part, dot);
}

/* A spreadsheet takes 1,048,576 rows, its header among them. */
#define SPREADSHEET_ROWS 1048575U

static enum tc_status write_csv_part(const struct report_settings *settings, struct tc_store *store,
                                     int64_t scan_id, enum tc_table table, const char *path,
                                     struct tc_csv_options *options, uint64_t *out_rows,
                                     struct tc_error *error)
{
    struct tc_output *output = NULL;
    bool to_stdout = path == NULL || strcmp(path, "-") == 0;
    options->bom = settings->bom == 0 ? !to_stdout : settings->bom == 1;
    enum tc_status status = tc_output_open(&output, path, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_report_csv(output, store, scan_id, table, options, out_rows, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static enum tc_status write_csv(const struct report_settings *settings, struct tc_store *store,
                                int64_t scan_id, enum tc_table table, const char *path,
                                struct tc_error *error)
{
    struct tc_csv_options options = {.formula_guard = !settings->no_formula_guard,
                                     .excel_eu = settings->dialect == 1,
                                     .max_rows = settings->split_rows};
    enum tc_status status = TC_OK;
    uint64_t rows = 0;
    unsigned part = 1;
    do {
        struct tc_buf name;
        tc_buf_init(&name, 4096);
        status = part_path(&name, path != NULL ? path : "-", part);
        if (status == TC_OK) {
            status =
                write_csv_part(settings, store, scan_id, table, name.data, &options, &rows, error);
        }
        tc_buf_cleanup(&name);
        options.first_row += rows;
        part++;
    } while (status == TC_OK && settings->split_rows > 0 && rows == settings->split_rows);
    if (status == TC_OK && settings->split_rows == 0 && rows > SPREADSHEET_ROWS) {
        cli_warning("%" PRIu64 " rows are more than a spreadsheet takes; use --split-rows 1000000",
                    rows);
    }
    return status;
}

static enum tc_status write_all_tables(const struct report_settings *settings,
                                       struct tc_store *store, int64_t scan_id,
                                       struct tc_error *error)
{
    static const enum tc_table tables[] = {TC_TABLE_ENDPOINTS, TC_TABLE_CERTIFICATES,
                                           TC_TABLE_FINDINGS, TC_TABLE_CHANGES, TC_TABLE_INVENTORY};
    if (mkdir(settings->all_tables, 0777) != 0 && errno != EEXIST) {
        return tc_fail(error, TC_ERR_IO, "%s: cannot be made: %s", settings->all_tables,
                       strerror(errno));
    }
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(tables) && status == TC_OK; i++) {
        struct tc_buf path;
        tc_buf_init(&path, 4096);
        status =
            tc_buf_addf(&path, "%s/%s.csv", settings->all_tables, cli_report_tables[tables[i]]);
        if (status == TC_OK) {
            status = write_csv(settings, store, scan_id, tables[i], path.data, error);
        }
        tc_buf_cleanup(&path);
    }
    return status;
}

static enum tc_status write_page(const struct report_settings *settings, struct tc_store *store,
                                 int64_t scan_id, struct tc_error *error)
{
    const struct tc_html_options options = {
        .compared_with = (int64_t)settings->compare_with,
        .title = settings->title,
        .group_by = settings->group_by,
        .max_rows = settings->rows,
        .max_details = settings->details,
        .no_script = settings->no_script,
        .tool_version = CLI_VERSION,
    };
    struct tc_output *output = NULL;
    if (settings->split_by != NULL) {
        return tc_report_html_split(settings->output, store, scan_id, settings->split_by, &options,
                                    error);
    }
    enum tc_status status = tc_output_open(&output, settings->output, error);
    if (status != TC_OK) {
        return status;
    }
    status = tc_report_html(output, store, scan_id, &options, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static enum tc_status write_json(const struct report_settings *settings, struct tc_store *store,
                                 int64_t scan_id, struct tc_error *error)
{
    struct tc_output *output = NULL;
    enum tc_status status = tc_output_open(&output, settings->output, error);
    if (status != TC_OK) {
        return status;
    }
    status = settings->format == CLI_FORMAT_JSON ? tc_report_json(output, store, scan_id, error)
                                                 : tc_report_jsonl(output, store, scan_id, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

/* Ends what a renderer wrote: published if all went well, else gone without a trace. */
static enum tc_status end_output(struct tc_output *output, enum tc_status status,
                                 struct tc_error *error)
{
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static enum tc_status write_prometheus(const struct report_settings *settings,
                                       struct tc_store *store, int64_t scan_id,
                                       struct tc_error *error)
{
    const struct tc_prometheus_options options = {
        .per_endpoint = settings->per_endpoint      ? TC_PER_ENDPOINT_YES
                        : settings->no_per_endpoint ? TC_PER_ENDPOINT_NO
                                                    : TC_PER_ENDPOINT_AUTO,
        .labels = settings->labels.items,
        .num_labels = settings->labels.num_items,
        .tool_version = CLI_VERSION,
    };
    struct tc_output *output = NULL;
    enum tc_status status = tc_output_open(&output, settings->output, error);
    if (status != TC_OK) {
        return status;
    }
    return end_output(output, tc_report_prometheus(output, store, scan_id, &options, error), error);
}

static enum tc_status write_icalendar(const struct report_settings *settings,
                                      struct tc_store *store, int64_t scan_id,
                                      struct tc_error *error)
{
    const struct tc_icalendar_options options = {.within_days = settings->within_days,
                                                 .group_by = settings->group_by};
    struct tc_output *output = NULL;
    enum tc_status status = tc_output_open(&output, settings->output, error);
    if (status != TC_OK) {
        return status;
    }
    return end_output(output, tc_report_icalendar(output, store, scan_id, &options, error), error);
}

enum tc_status cli_report_write(const struct report_settings *settings, struct tc_store *store,
                                int64_t scan_id, struct tc_error *error)
{
    if (settings->all_tables != NULL) {
        return write_all_tables(settings, store, scan_id, error);
    }
    switch ((enum cli_report_format)settings->format) {
    case CLI_FORMAT_HTML:
        return write_page(settings, store, scan_id, error);
    case CLI_FORMAT_CSV:
        return write_csv(settings, store, scan_id, (enum tc_table)settings->table, settings->output,
                         error);
    case CLI_FORMAT_JSON:
    case CLI_FORMAT_JSONL:
        return write_json(settings, store, scan_id, error);
    case CLI_FORMAT_PROMETHEUS:
        return write_prometheus(settings, store, scan_id, error);
    case CLI_FORMAT_ICS:
        return write_icalendar(settings, store, scan_id, error);
    case CLI_FORMAT_AUTO:
        break; /* finished before */
    }
    return TC_ERR_UNSUPPORTED;
}

/* From here on changes are those since --compare-with. */
static enum tc_status compare(const struct report_settings *settings, struct tc_store *store,
                              int64_t scan_id, struct tc_error *error)
{
    int64_t base_id = 0;
    enum tc_scan_state state = TC_SCAN_DONE;
    if (settings->compare_with == 0) {
        return TC_OK;
    }
    enum tc_status status =
        tc_store_pick_scan(store, (int64_t)settings->compare_with, &base_id, &state, error);
    if (status == TC_OK && base_id == scan_id) {
        status = tc_fail(error, TC_ERR_INPUT, "scan %" PRId64 " is compared with itself", scan_id);
    }
    if (status != TC_OK) {
        return status;
    }
    if (state != TC_SCAN_DONE) {
        cli_warning("scan %" PRId64 " is %s: what it has not seen is not compared", base_id,
                    state == TC_SCAN_RUNNING ? "still running" : "interrupted");
    }
    return tc_store_compare(store, base_id, scan_id, error);
}

static int run_report(const struct report_settings *settings)
{
    struct tc_error error = {""};
    struct tc_store *store = NULL;
    int64_t scan_id = 0;
    enum tc_scan_state state = TC_SCAN_DONE;
    enum tc_status status = check(settings, &error);
    if (status == TC_OK) {
        status = tc_store_open(&store, settings->db, TC_STORE_READ, &error);
    }
    if (status == TC_OK) {
        status = tc_store_pick_scan(store, (int64_t)settings->scan, &scan_id, &state, &error);
    }
    if (status == TC_OK && state != TC_SCAN_DONE) {
        cli_warning("scan %" PRId64 " is %s: the report shows what it has so far", scan_id,
                    state == TC_SCAN_RUNNING ? "still running" : "interrupted");
    }
    if (status == TC_OK) {
        status = compare(settings, store, scan_id, &error);
    }
    if (status == TC_OK && settings->output_dir != NULL) {
        status = cli_report_set(settings, store, scan_id, &error);
    } else if (status == TC_OK) {
        status = cli_report_write(settings, store, scan_id, &error);
    }
    if (store != NULL) {
        tc_store_close(store);
    }
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}

int cli_report(int argc, char **argv)
{
    struct report_settings settings;
    struct cli_option rows[CLI_REPORT_OPTIONS_MAX];
    int first = 0;
    int result = CLI_DONE;
    cli_report_settings_init(&settings);
    size_t num_rows = cli_report_options(rows, &settings);
    if (cli_begin(&k_command, rows, num_rows, &settings.talk, argc, argv, &first, &result)) {
        if (first < argc) {
            cli_usage_error("report takes no argument: %s; a file to write is named with -o",
                            argv[first]);
            result = CLI_USAGE;
        } else {
            cli_report_settings_finish(&settings);
            result = run_report(&settings);
        }
    }
    cli_report_settings_cleanup(&settings);
    return result;
}
