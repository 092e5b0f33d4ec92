/* The subcommands. argv[0] is the subcommand's name; the result is the exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>

#include "cli/options.h"

int cli_scan(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_scans(int argc, char **argv);
int cli_assess(int argc, char **argv);
int cli_diff(int argc, char **argv);
int cli_rules(int argc, char **argv);

/*
 * cli_begin parses a subcommand's table, prints its help where asked, and starts the talk.
 * True: go on, with arguments from argv[*out_first] on. False: return *out_exit.
 */
struct cli_talk_settings;
bool cli_begin(const struct cli_command *command, const struct cli_option *options,
               size_t num_options, const struct cli_talk_settings *talk, int argc, char **argv,
               int *out_first, int *out_exit);

/*
 * `tlscensus help --man NAME`: instead of parsing, the next cli_begin() prints the option list as
 * man source. For the build alone.
 */
void cli_print_man_next(void);

#endif
