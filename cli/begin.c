#include <stdio.h>

#include "cli/commands.h"
#include "cli/talk.h"

static bool g_print_man;

void cli_print_man_next(void)
{
    g_print_man = true;
}

bool cli_begin(const struct cli_command *command, const struct cli_option *options,
               size_t num_options, const struct cli_talk_settings *talk, int argc, char **argv,
               int *out_first, int *out_exit)
{
    struct tc_error error = {""};
    *out_exit = CLI_DONE;
    if (g_print_man) {
        cli_man_options(stdout, options, num_options);
        return false;
    }
    enum tc_status status = cli_parse(options, num_options, argc, argv, out_first, &error);
    if (status == TC_ERR_END) {
        /* The table holds what was parsed before --help; a fresh one would show the defaults, but
         * nobody reads those behind options of his own. */
        cli_help(stdout, command, options, num_options);
        return false;
    }
    cli_talk_start(talk);
    if (status != TC_OK) {
        *out_exit = cli_give_up(status, &error);
        return false;
    }
    return true;
}
