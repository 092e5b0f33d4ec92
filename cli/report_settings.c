#include "cli/report_settings.h"

#include <string.h>
#include <strings.h>

#include "tlscensus/report.h"

static const char *const k_formats[] = {"html",       "csv", "json", "jsonl",
                                        "prometheus", "ics", "auto", NULL};
const char *const cli_report_tables[] = {"endpoints", "certificates", "findings",
                                         "changes",   "inventory",    NULL};
static const char *const k_boms[] = {"auto", "yes", "no", NULL};
static const char *const k_dialects[] = {"rfc4180", "excel-eu", NULL};

void cli_report_settings_init(struct report_settings *settings)
{
    *settings = (struct report_settings){.format = CLI_FORMAT_AUTO,
                                         .db = "tlscensus.db",
                                         .rows = 2000,
                                         .details = 50,
                                         .within_days = 120};
}

void cli_report_settings_cleanup(struct report_settings *settings)
{
    cli_list_cleanup(&settings->labels);
}

void cli_report_settings_finish(struct report_settings *settings)
{
    static const struct {
        const char *suffix;
        enum cli_report_format format;
    } k_suffixes[] = {{".html", CLI_FORMAT_HTML},   {".htm", CLI_FORMAT_HTML},
                      {".csv", CLI_FORMAT_CSV},     {".json", CLI_FORMAT_JSON},
                      {".jsonl", CLI_FORMAT_JSONL}, {".prom", CLI_FORMAT_PROMETHEUS},
                      {".ics", CLI_FORMAT_ICS}};
    if (settings->format != CLI_FORMAT_AUTO) {
        return;
    }
    const char *dot = settings->output != NULL ? strrchr(settings->output, '.') : NULL;
    settings->format =
        settings->table != (int)TC_TABLE_ENDPOINTS ? CLI_FORMAT_CSV : CLI_FORMAT_HTML;
    for (size_t i = 0; i < TC_ARRAY_LEN(k_suffixes) && dot != NULL; i++) {
        if (strcasecmp(dot, k_suffixes[i].suffix) == 0) {
            settings->format = (int)k_suffixes[i].format;
        }
    }
}

static size_t what_rows(struct cli_option *rows, struct report_settings *s)
{
    const struct cli_option more[] = {
        {"format", 'f', CLI_CHOICE, &s->format, "FORMAT", "What",
         "What is written; auto: as the name after -o ends (.csv, .json, .jsonl, .prom, .ics), csv "
         "where "
         "a --table is named, else html",
         k_formats, 0, 0, false},
        {"table", 't', CLI_CHOICE, &s->table, "TABLE", NULL, "Which table, for csv",
         cli_report_tables, 0, 0, false},
        {"all-tables", 0, CLI_TEXT, &s->all_tables, "DIR", NULL,
         "Write every table as CSV into this folder", NULL, 0, 0, false},
        {"output-dir", 0, CLI_TEXT, &s->output_dir, "DIR", NULL,
         "Write page, tables, JSON, Prometheus and calendar into a new folder in this one, such as "
         "scan-000012, in one step; the link latest leads to that of the newest finished scan",
         NULL, 0, 0, false},
        {"db", 0, CLI_TEXT, &s->db, "FILE", NULL, "The database", NULL, 0, 0, false},
        {"scan", 0, CLI_COUNT64, &s->scan, "ID", NULL, "This scan; 0 is the newest finished one",
         NULL, 0, 9e15, false},
        {"compare-with", 0, CLI_COUNT64, &s->compare_with, "ID", NULL,
         "Changes since this scan, on the page, in the table changes and in JSON; 0 is the one "
         "that "
         "it was compared with when it finished",
         NULL, 0, 9e15, false},
        {"output", 'o', CLI_TEXT, &s->output, "FILE", NULL,
         "Where to; it is replaced in one step. Default: standard output", NULL, 0, 0, false},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t csv_rows(struct cli_option *rows, struct report_settings *s)
{
    const struct cli_option more[] = {
        {"bom", 0, CLI_CHOICE, &s->bom, "WHEN", "CSV",
         "A byte order mark, which Excel needs; auto: in files, not on standard output", k_boms, 0,
         0, false},
        {"no-formula-guard", 0, CLI_FLAG, &s->no_formula_guard, NULL, NULL,
         "For programs: no ' before text that a spreadsheet would compute", NULL, 0, 0, false},
        {"csv-dialect", 0, CLI_CHOICE, &s->dialect, "NAME", NULL,
         "excel-eu has ; between fields and a decimal comma", k_dialects, 0, 0, false},
        {"split-rows", 0, CLI_COUNT64, &s->split_rows, "N", NULL,
         "Begin a new file (FILE-2.csv, …) after N rows; 0 is never", NULL, 0, 1e12, false},
    };
    return CLI_ADD_ROWS(rows, more);
}

static size_t page_rows(struct cli_option *rows, struct report_settings *s)
{
    const struct cli_option more[] = {
        {"title", 0, CLI_TEXT, &s->title, "TEXT", "Page", "The institution's name at the top", NULL,
         0, 0, false},
        {"group-by", 0, CLI_TEXT, &s->group_by, "LABEL", NULL,
         "Label for the departments table, and for the calendar's categories; default: the first "
         "that fits",
         NULL, 0, 0, false},
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
    return CLI_ADD_ROWS(rows, more);
}

static size_t watch_rows(struct cli_option *rows, struct report_settings *s)
{
    const struct cli_option more[] = {
        {"per-endpoint", 0, CLI_FLAG, &s->per_endpoint, NULL, "Prometheus and calendar",
         "Series for each endpoint, where there are more than 2,000 too", NULL, 0, 0, false},
        {"no-per-endpoint", 0, CLI_FLAG, &s->no_per_endpoint, NULL, NULL,
         "Series of the whole scan alone", NULL, 0, 0, false},
        {"label", 0, CLI_LIST, &s->labels, "NAME", NULL,
         "A label of the input that those series have too, as label_name; repeatable", NULL, 0, 0,
         false},
        {"within", 0, CLI_DAYS, &s->within_days, "DAYS", NULL,
         "Certificates that end within this time are in the calendar", NULL, 1, 36500, false},
    };
    return CLI_ADD_ROWS(rows, more);
}

size_t cli_report_options(struct cli_option rows[CLI_REPORT_OPTIONS_MAX],
                          struct report_settings *settings)
{
    size_t num = what_rows(rows, settings);
    num += csv_rows(rows + num, settings);
    num += page_rows(rows + num, settings);
    num += watch_rows(rows + num, settings);
    cli_talk_options(rows + num, &settings->talk);
    return num + CLI_TALK_OPTIONS_NUM;
}
