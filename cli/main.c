/* The front door: subcommands, --help, --version. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/talk.h"
#include "cli/version.h"
#include "tlscensus/scan.h"
#include "tlscensus/store.h"

struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

static const struct subcommand k_subcommands[] = {
    {"scan", cli_scan, "Examine many hosts and keep every fact in one database"},
    {"report", cli_report, "Render a scan as a page, a spreadsheet or JSON"},
    {"show", cli_show, "Show one host in the terminal, examined now or from a database"},
    {"inspect", cli_inspect, "Judge certificate chains from files, without network"},
    {"diff", cli_diff, "Tell what changed since the scan before, or between any two"},
    {"scans", cli_scans, "List the scans in a database"},
    {"assess", cli_assess, "Derive findings and grades again from stored facts"},
    {"rules", cli_rules, "List the rules that findings come from"},
};

/* Subcommands of the design that later versions bring: named, so that nobody takes them for typos.
 */
static const char *const k_later[] = {"merge", "prune"};

static void print_usage(FILE *out)
{
    fputs("Audit the TLS of a list of domains: scan, keep history, report.\n\n"
          "Usage: tlscensus SUBCOMMAND [ARGUMENTS]\n\n",
          out);
    for (size_t i = 0; i < TC_ARRAY_LEN(k_subcommands); i++) {
        fprintf(out, "  %-9s %s\n", k_subcommands[i].name, k_subcommands[i].summary);
    }
    fputs("\nExamples:\n"
          "  tlscensus scan -i domains.csv      a list into tlscensus.db\n"
          "  tlscensus report -o report.html    the page of it\n"
          "  tlscensus diff                     what the newest scan found changed\n"
          "  tlscensus show www.example.org     one host, now\n"
          "\ntlscensus SUBCOMMAND --help tells all of a subcommand, man tlscensus the whole,\n"
          "tlscensus help facts what each fact of a survey means.\n"
          "--version names the version and its libraries.\n",
          out);
}

static int print_version(void)
{
    char libraries[256];
    tc_scan_library_versions(libraries, sizeof libraries);
    printf("%s (%s, SQLite %s)\n", CLI_VERSION, libraries, tc_store_library_version());
    return CLI_DONE;
}

static const struct subcommand *find(const char *name)
{
    for (size_t i = 0; i < TC_ARRAY_LEN(k_subcommands); i++) {
        if (strcmp(k_subcommands[i].name, name) == 0) {
            return &k_subcommands[i];
        }
    }
    return NULL;
}

static int unknown_subcommand(const char *name)
{
    const char *names[TC_ARRAY_LEN(k_subcommands)];
    for (size_t i = 0; i < TC_ARRAY_LEN(k_later); i++) {
        if (strcmp(k_later[i], name) == 0) {
            cli_error("%s: comes with the history of scans, which this version does not have yet",
                      name);
            return CLI_USAGE;
        }
    }
    for (size_t i = 0; i < TC_ARRAY_LEN(k_subcommands); i++) {
        names[i] = k_subcommands[i].name;
    }
    const char *nearest = cli_nearest(name, names, TC_ARRAY_LEN(names));
    if (nearest != NULL) {
        cli_error("%s: no such subcommand; did you mean %s?", name, nearest);
    } else {
        cli_error("%s: no such subcommand; see tlscensus --help", name);
    }
    return CLI_USAGE;
}

/* `help`, `help NAME`, `help facts`, and `help --man NAME` for the build of the man page. */
static int help(int argc, char **argv)
{
    bool as_man = argc > 2 && strcmp(argv[1], "--man") == 0;
    const char *name = argc > 1 ? argv[argc - 1] : NULL;
    const struct subcommand *subcommand = name != NULL ? find(name) : NULL;
    if (name == NULL) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(name, "facts") == 0) {
        cli_help_facts(stdout, as_man);
        return CLI_DONE;
    }
    if (subcommand == NULL) {
        return unknown_subcommand(name);
    }
    char text[32];
    char flag[] = "--help";
    snprintf(text, sizeof text, "%s", name);
    char *arguments[] = {text, flag, NULL};
    if (as_man) {
        cli_print_man_next();
    }
    return subcommand->run(2, arguments);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is a failed write, not our end */
    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        return print_version();
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "help") == 0) {
        return help(argc - 1, argv + 1);
    }
    if (argv[1][0] == '-') {
        cli_error("%s: a subcommand comes first; see tlscensus --help", argv[1]);
        return CLI_USAGE;
    }
    const struct subcommand *subcommand = find(argv[1]);
    return subcommand != NULL ? subcommand->run(argc - 1, argv + 1) : unknown_subcommand(argv[1]);
}
