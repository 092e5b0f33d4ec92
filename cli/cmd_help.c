/*
 * tlscensus help: of the program, of a subcommand, of the facts and the database; and what the
 * build makes from the same tables.
 */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/database_page.h"
#include "cli/man_page.h"
#include "cli/talk.h"

void cli_print_usage(FILE *out)
{
    fputs("Audit the TLS of a list of domains: scan, keep history, report.\n\n"
          "Usage: tlscensus SUBCOMMAND [ARGUMENTS]\n\n",
          out);
    size_t num = 0;
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    for (size_t i = 0; i < num; i++) {
        fprintf(out, "  %-9s %s\n", subcommands[i].name, subcommands[i].summary);
    }
    fputs("\nExamples:\n"
          "  tlscensus scan -i domains.csv      a list into tlscensus.db\n"
          "  tlscensus report -o report.html    the page of it\n"
          "  tlscensus diff                     what the newest scan found changed\n"
          "  tlscensus show www.example.org     one host, now\n"
          "\ntlscensus SUBCOMMAND --help tells all of a subcommand, man tlscensus the whole;\n"
          "tlscensus help facts what each fact of a survey means, tlscensus help database\n"
          "every table and column. tlscensus help --completion bash (zsh, fish) prints what\n"
          "that shell completes with. --version names the version and its libraries.\n",
          out);
}

int cli_unknown_subcommand(const char *name)
{
    const char *names[32];
    size_t num = 0;
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    for (size_t i = 0; i < num && i < TC_ARRAY_LEN(names); i++) {
        names[i] = subcommands[i].name;
    }
    const char *nearest = cli_nearest(name, names, num);
    if (nearest != NULL) {
        cli_usage_error("%s: no such subcommand; did you mean %s?", name, nearest);
    } else {
        cli_usage_error("%s: no such subcommand; see tlscensus --help", name);
    }
    return CLI_USAGE;
}

static void print_man(void *context, const struct cli_command *command,
                      const struct cli_option *options, size_t num_options)
{
    (void)context;
    (void)command;
    cli_man_options(stdout, options, num_options);
}

static int completion(const char *shell)
{
    if (!cli_print_completion(stdout, shell)) {
        cli_usage_error("help --completion %s: there is one for bash, zsh and fish", shell);
        return CLI_USAGE;
    }
    return CLI_DONE;
}

static int print_page(const char *name, const char *date)
{
    struct tc_error error = {""};
    if (strcmp(name, "database") == 0) {
        enum tc_status status = cli_man_database(stdout, date, &error);
        return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
    }
    return cli_man_subcommand(stdout, name, date) ? CLI_DONE : cli_unknown_subcommand(name);
}

static int print_database(void)
{
    struct tc_error error = {""};
    enum tc_status status = cli_help_database(stdout, &error);
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}

/* Its own --help, as it would print it. */
static int help_of(const struct cli_subcommand *subcommand)
{
    char text[32];
    char flag[] = "--help";
    snprintf(text, sizeof text, "%s", subcommand->name);
    char *arguments[] = {text, flag, NULL};
    return subcommand->run(2, arguments);
}

/* What the build asks for: pieces of tlscensus(1), whole pages, completion. */
static int help_for_build(const char *what, const char *name, const char *date)
{
    const struct cli_subcommand *subcommand = cli_find_subcommand(name);
    if (strcmp(what, "--completion") == 0) {
        return completion(name);
    }
    if (strcmp(what, "--man-page") == 0) {
        return print_page(name, date);
    }
    if (strcmp(name, "facts") == 0) {
        cli_help_facts(stdout, true);
        return CLI_DONE;
    }
    if (strcmp(name, "events") == 0) {
        cli_help_events(stdout);
        return CLI_DONE;
    }
    if (subcommand == NULL) {
        return cli_unknown_subcommand(name);
    }
    cli_visit_table(subcommand, print_man, NULL);
    return CLI_DONE;
}

int cli_help_command(int argc, char **argv)
{
    if (argc < 2) {
        cli_print_usage(stdout);
        return CLI_DONE;
    }
    const char *name = argv[1];
    if (argc > 2 && (strcmp(name, "--man") == 0 || strcmp(name, "--man-page") == 0 ||
                     strcmp(name, "--completion") == 0)) {
        return help_for_build(name, argv[2], argc > 3 ? argv[3] : "");
    }
    if (strcmp(name, "facts") == 0) {
        cli_help_facts(stdout, false);
        return CLI_DONE;
    }
    if (strcmp(name, "database") == 0) {
        return print_database();
    }
    const struct cli_subcommand *subcommand = cli_find_subcommand(name);
    return subcommand != NULL ? help_of(subcommand) : cli_unknown_subcommand(name);
}
