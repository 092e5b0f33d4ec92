#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

static const struct cli_subcommand k_subcommands[] = {
    {"scan", cli_scan, "Examine many hosts and keep every fact in one database"},
    {"report", cli_report, "Render a scan as a page, a spreadsheet or JSON"},
    {"show", cli_show, "Show one host in the terminal, examined now or from a database"},
    {"inspect", cli_inspect, "Judge certificate chains from files, without network"},
    {"diff", cli_diff, "Tell what changed since the scan before, or between any two"},
    {"scans", cli_scans, "List the scans in a database"},
    {"assess", cli_assess, "Derive findings and grades again from stored facts"},
    {"rules", cli_rules, "List the rules that findings come from"},
    {"prune", cli_prune, "Remove old scans from a database"},
    {"merge", cli_merge, "Take the scans of several databases into one"},
    {"config", cli_config, "Check a configuration file"},
};

const struct cli_subcommand *cli_subcommands(size_t *out_num)
{
    *out_num = TC_ARRAY_LEN(k_subcommands);
    return k_subcommands;
}

const struct cli_subcommand *cli_find_subcommand(const char *name)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_subcommands); i++) {
        if (strcmp(k_subcommands[i].name, name) == 0) {
            return &k_subcommands[i];
        }
    }
    return NULL;
}

void cli_visit_table(const struct cli_subcommand *subcommand, cli_table_visitor *visit,
                     void *context)
{
    char name[32];
    snprintf(name, sizeof name, "%s", subcommand->name);
    char *arguments[] = {name, NULL};
    cli_visit_next(visit, context);
    (void)subcommand->run(1, arguments);
}
