/* tlscensus config check: is a configuration file right, before cron finds out? */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/talk.h"

static const char *const k_examples[] = {"tlscensus config check census.conf",
                                         "Names every fault with its line; exit code 2 if any",
                                         "tlscensus scan --config census.conf --print-config",
                                         "What a scan would be told, and by whom", NULL};

static const struct cli_command k_command = {
    .name = "config",
    .usage = "check FILE...",
    .summary = "Check configuration files: sections, options, values",
    .examples = k_examples,
};

static int check_file(const char *path)
{
    struct cli_config config = {0};
    struct tc_error error = {""};
    enum tc_status status = cli_config_read(&config, path, &error);
    if (status != TC_OK) {
        return cli_give_up(status, &error);
    }
    unsigned faults = cli_check_config(&config, true);
    if (faults == 0) {
        cli_note("%s: %zu options, all right", path, config.num_entries);
    }
    cli_config_cleanup(&config);
    return faults == 0 ? CLI_DONE : CLI_USAGE;
}

int cli_config(int argc, char **argv)
{
    struct cli_talk_settings talk = {0};
    struct cli_option rows[CLI_TALK_OPTIONS_NUM];
    int first = 0;
    int result = CLI_DONE;
    cli_talk_options(rows, &talk);
    if (!cli_begin(&k_command, rows, TC_ARRAY_LEN(rows), &talk, argc, argv, &first, &result)) {
        return result;
    }
    if (argc - first < 2 || strcmp(argv[first], "check") != 0) {
        cli_usage_error("say what to do: tlscensus config check FILE...");
        return CLI_USAGE;
    }
    for (int i = first + 1; i < argc; i++) {
        int exit_code = check_file(argv[i]);
        result = exit_code > result ? exit_code : result;
    }
    return result;
}
