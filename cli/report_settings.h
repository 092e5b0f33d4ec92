/* Everything a report can be told, as the option table reads it. */
#ifndef CLI_REPORT_SETTINGS_H
#define CLI_REPORT_SETTINGS_H

#include "cli/options.h"
#include "cli/talk.h"

#define CLI_REPORT_OPTIONS_MAX 32

enum cli_report_format {
    CLI_FORMAT_HTML = 0,
    CLI_FORMAT_CSV,
    CLI_FORMAT_JSON,
    CLI_FORMAT_JSONL,
    CLI_FORMAT_PROMETHEUS,
    CLI_FORMAT_ICS,
    CLI_FORMAT_AUTO /* what is given alone says it: cli_report_settings_finish() */
};

struct report_settings {
    int format; /* enum cli_report_format */
    int table;
    const char *db;
    const char *output;
    const char *all_tables;
    const char *output_dir;
    uint64_t scan;
    uint64_t compare_with; /* 0: what was found when the scan closed */
    /* CSV */
    int bom;
    bool no_formula_guard;
    int dialect;
    uint64_t split_rows;
    /* page */
    const char *title;
    const char *group_by;
    const char *split_by;
    size_t rows;
    size_t details;
    bool no_script;
    /* Prometheus and calendar */
    bool per_endpoint;
    bool no_per_endpoint;
    struct cli_list labels;
    unsigned within_days;
    struct cli_talk_settings talk;
};

/* The tables of CSV, in the order of enum tc_table: NULL-ended. */
extern const char *const cli_report_tables[];

/* The defaults that --help tells. */
void cli_report_settings_init(struct report_settings *settings);
void cli_report_settings_cleanup(struct report_settings *settings);

/* A format that was left to us, by the name of the file, then by what else was asked for. */
void cli_report_settings_finish(struct report_settings *settings);

/* The whole table of `report`; the number of rows. */
size_t cli_report_options(struct cli_option rows[CLI_REPORT_OPTIONS_MAX],
                          struct report_settings *settings);

#endif
