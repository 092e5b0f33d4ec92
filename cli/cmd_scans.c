/* tlscensus scans: what a database holds. */
#include <unistd.h>

#include "cli/commands.h"
#include "cli/talk.h"
#include "tlscensus/report.h"

static const char *const k_examples[] = {
    "tlscensus scans",
    "every scan in tlscensus.db: when, who answered, high and critical findings",
    NULL,
};
static const struct cli_command k_command = {
    .name = "scans",
    .usage = "[--db FILE]",
    .summary = "List the scans in a database: when and how long, targets, endpoints, what "
               "answered, high and critical findings, state.",
    .examples = k_examples,
};

static enum tc_status print_scans(const char *db, const struct cli_talk_settings *talk,
                                  struct tc_error *error)
{
    struct tc_store *store = NULL;
    struct tc_output *output = NULL;
    struct tc_terminal_options terminal;
    enum tc_status status = tc_store_open(&store, db, TC_STORE_READ, error);
    if (status == TC_OK) {
        cli_terminal_options(&terminal, STDOUT_FILENO, talk);
        status = tc_output_open(&output, NULL, error);
    }
    if (status == TC_OK) {
        status = tc_report_scans(output, store, &terminal, error);
        if (status == TC_OK) {
            status = tc_output_commit(output, error);
        } else {
            tc_output_discard(output);
        }
    }
    tc_store_close(store);
    return status;
}

int cli_scans(int argc, char **argv)
{
    const char *db = "tlscensus.db";
    struct cli_talk_settings talk = {.quiet = false};
    struct cli_option rows[1 + CLI_TALK_OPTIONS_NUM] = {{.name = "db",
                                                         .type = CLI_TEXT,
                                                         .value = &db,
                                                         .argument = "FILE",
                                                         .group = "What",
                                                         .help = "The database"}};
    struct tc_error error = {""};
    int first = 0;
    int result = CLI_DONE;
    cli_talk_options(rows + 1, &talk);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &talk, argc, argv, &first, &result)) {
        return result;
    }
    if (first < argc) {
        cli_usage_error("scans takes no argument: %s; a database is named with --db", argv[first]);
        return CLI_USAGE;
    }
    enum tc_status status = print_scans(db, &talk, &error);
    return status == TC_OK ? CLI_DONE : cli_give_up(status, &error);
}
