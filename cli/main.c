/* The front door: subcommands, --help, --version. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/talk.h"
#include "cli/version.h"
#include "tlscensus/scan.h"
#include "tlscensus/store.h"

static int print_version(void)
{
    char libraries[256];
    tc_scan_library_versions(libraries, sizeof libraries);
    printf("%s (%s, SQLite %s)\n", CLI_VERSION, libraries, tc_store_library_version());
    return CLI_DONE;
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that went away is a failed write, not our end */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow any more (ulimit -f) */
    cli_talk_foresee(argc, argv);
    if (argc < 2) {
        cli_print_usage(stderr);
        return CLI_USAGE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        return print_version();
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        cli_print_usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "help") == 0) {
        return cli_help_command(argc - 1, argv + 1);
    }
    if (argv[1][0] == '-') {
        cli_usage_error("%s: a subcommand comes first; see tlscensus --help", argv[1]);
        return CLI_USAGE;
    }
    const struct cli_subcommand *subcommand = cli_find_subcommand(argv[1]);
    return subcommand != NULL ? subcommand->run(argc - 1, argv + 1)
                              : cli_unknown_subcommand(argv[1]);
}
