/* tlscensus report: page, spreadsheet, JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/talk.h"
#include "cli/version.h"
#include "tlscensus/report.h"

enum report_format {
    FORMAT_HTML = 0,
    FORMAT_CSV,
    FORMAT_JSON,
    FORMAT_JSONL,
    FORMAT_PROMETHEUS,
    FORMAT_ICS
};
static const char *const k_formats[] = {"html", "csv", "json", "jsonl", "prometheus", "ics", NULL};
static const char *const k_tables[] = {"endpoints", "certificates", "findings", "changes", NULL};
static const char *const k_boms[] = {"auto", "yes", "no", NULL};
static const char *const k_dialects[] = {"rfc4180", "excel-eu", NULL};

static const char *const k_examples[] = {
    "tlscensus report -o report.html",
    "the page of the newest scan in tlscensus.db",
    "tlscensus report --format csv -o endpoints.csv",
    "one row per endpoint, for a spreadsheet",
    "tlscensus report --format csv --table findings --scan 12",
    "the findings of scan 12 on standard output",
    "tlscensus report --split-by Department -o report.html",
    "report.html lists report-library.html, report-physics.html, …: a page for each",
    NULL,
};
static const struct cli_command k_command = {
    .name = "report",
    .usage = "[--format FORMAT] [--table TABLE] [-o FILE]",
    .summary = "Render a scan as a page for people or a table for programs.",
    .examples = k_examples,
};

struct report_settings {
    int format;
    int table;
    const char *db;
    const char *output;
    const char *all_tables;
    uint64_t scan;
    int bom;
    bool no_formula_guard;
    int dialect;
    uint64_t split_rows;
    const char *title;
    const char *group_by;
    const char *split_by;
    size_t rows;
    size_t details;
    bool no_script;
    struct cli_talk_settings talk;
};

#define REPORT_OPTIONS_MAX 24

static size_t report_options(struct cli_option rows[REPORT_OPTIONS_MAX], struct report_settings *s)
{
    const struct cli_option more[] = {
        {"format", 'f', CLI_CHOICE, &s->format, "FORMAT", "What", "What is written", k_formats, 0,
         0, false},
        {"table", 't', CLI_CHOICE, &s->table, "TABLE", NULL, "Which table, for csv", k_tables, 0, 0,
         false},
        {"all-tables", 0, CLI_TEXT, &s->all_tables, "DIR", NULL,
         "Write every table as CSV into this folder", NULL, 0, 0, false},
        {"db", 0, CLI_TEXT, &s->db, "FILE", NULL, "The database", NULL, 0, 0, false},
        {"scan", 0, CLI_COUNT64, &s->scan, "ID", NULL, "This scan; 0 is the newest finished one",
         NULL, 0, 9e15, false},
        {"output", 'o', CLI_TEXT, &s->output, "FILE", NULL,
         "Where to; it is replaced in one step. Default: standard output", NULL, 0, 0, false},
        {"bom", 0, CLI_CHOICE, &s->bom, "WHEN", "CSV",
         "A byte order mark, which Excel needs; auto: in files, not on standard output", k_boms, 0,
         0, false},
        {"no-formula-guard", 0, CLI_FLAG, &s->no_formula_guard, NULL, NULL,
         "For programs: no ' before text that a spreadsheet would compute", NULL, 0, 0, false},
        {"csv-dialect", 0, CLI_CHOICE, &s->dialect, "NAME", NULL,
         "excel-eu has ; between fields and a decimal comma", k_dialects, 0, 0, false},
        {"split-rows", 0, CLI_COUNT64, &s->split_rows, "N", NULL,
         "Begin a new file (FILE-2.csv, …) after N rows; 0 is never", NULL, 0, 1e12, false},
        {"title", 0, CLI_TEXT, &s->title, "TEXT", "Page", "The institution's name at the top", NULL,
         0, 0, false},
        {"group-by", 0, CLI_TEXT, &s->group_by, "LABEL", NULL,
         "Label for the departments table; default: the first that fits", NULL, 0, 0, false},
        {"split-by", 0, CLI_TEXT, &s->split_by, "LABEL", NULL,
         "One page per value of this label beside -o FILE, which becomes their index", NULL, 0, 0,
         false},
        {"rows", 0, CLI_SIZE, &s->rows, "N", NULL,
         "Rows written out; search and sort cover all of them", NULL, 1, 1e7, false},
        {"details", 0, CLI_SIZE, &s->details, "N", NULL, "Endpoints in full at the end", NULL, 1,
         1e5, false},
        {"no-script", 0, CLI_FLAG, &s->no_script, NULL, NULL,
         "A page without JavaScript, every row written out", NULL, 0, 0, false},
    };
    memcpy(rows, more, sizeof more);
    cli_talk_options(rows + TC_ARRAY_LEN(more), &s->talk);
    return TC_ARRAY_LEN(more) + CLI_TALK_OPTIONS_NUM;
}

static enum tc_status check(const struct report_settings *settings, struct tc_error *error)
{
    bool to_stdout = settings->output == NULL || strcmp(settings->output, "-") == 0;
    bool is_html = settings->format == FORMAT_HTML && settings->all_tables == NULL;
    if (settings->format == FORMAT_PROMETHEUS || settings->format == FORMAT_ICS) {
        return tc_fail(error, TC_ERR_UNSUPPORTED,
                       "--format %s: comes with the history of scans, which this version does not "
                       "have yet",
                       k_formats[settings->format]);
    }
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
    if (settings->split_rows > 0 && to_stdout) {
        return tc_fail(error, TC_ERR_INPUT, "--split-rows needs -o FILE");
    }
    return TC_OK;
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
                                           TC_TABLE_FINDINGS, TC_TABLE_CHANGES};
    if (mkdir(settings->all_tables, 0777) != 0 && errno != EEXIST) {
        return tc_fail(error, TC_ERR_IO, "%s: cannot be made: %s", settings->all_tables,
                       strerror(errno));
    }
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < TC_ARRAY_LEN(tables) && status == TC_OK; i++) {
        struct tc_buf path;
        tc_buf_init(&path, 4096);
        status = tc_buf_addf(&path, "%s/%s.csv", settings->all_tables, k_tables[tables[i]]);
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
    status = settings->format == FORMAT_JSON ? tc_report_json(output, store, scan_id, error)
                                             : tc_report_jsonl(output, store, scan_id, error);
    if (status != TC_OK) {
        tc_output_discard(output);
        return status;
    }
    return tc_output_commit(output, error);
}

static enum tc_status write_report(const struct report_settings *settings, struct tc_store *store,
                                   int64_t scan_id, struct tc_error *error)
{
    if (settings->all_tables != NULL) {
        return write_all_tables(settings, store, scan_id, error);
    }
    switch ((enum report_format)settings->format) {
    case FORMAT_HTML:
        return write_page(settings, store, scan_id, error);
    case FORMAT_CSV:
        return write_csv(settings, store, scan_id, (enum tc_table)settings->table, settings->output,
                         error);
    case FORMAT_JSON:
    case FORMAT_JSONL:
        return write_json(settings, store, scan_id, error);
    case FORMAT_PROMETHEUS:
    case FORMAT_ICS:
        break; /* refused by check() */
    }
    return TC_ERR_UNSUPPORTED;
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
        status = write_report(settings, store, scan_id, &error);
    }
    if (store != NULL) {
        tc_store_close(store);
    }
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}

int cli_report(int argc, char **argv)
{
    struct report_settings settings = {.db = "tlscensus.db", .rows = 2000, .details = 50};
    struct cli_option rows[REPORT_OPTIONS_MAX];
    int first = 0;
    int result = CLI_DONE;
    size_t num_rows = report_options(rows, &settings);
    if (!cli_begin(&k_command, rows, num_rows, &settings.talk, argc, argv, &first, &result)) {
        return result;
    }
    if (first < argc) {
        cli_error("report takes no argument: %s; a file to write is named with -o", argv[first]);
        return CLI_USAGE;
    }
    return run_report(&settings);
}
