/* The subcommands. argv[0] is the subcommand's name; the result is the exit code. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include <stddef.h>
#include <stdio.h>

#include "cli/options.h"

int cli_scan(int argc, char **argv);
int cli_report(int argc, char **argv);
int cli_show(int argc, char **argv);
int cli_inspect(int argc, char **argv);
int cli_scans(int argc, char **argv);
int cli_assess(int argc, char **argv);
int cli_diff(int argc, char **argv);
int cli_rules(int argc, char **argv);
int cli_prune(int argc, char **argv);
int cli_merge(int argc, char **argv);
int cli_config(int argc, char **argv);
/* `help [SUBCOMMAND|facts|database]`, `help --completion SHELL`; for the build `help --man NAME`
 * (an option list) and `help --man-page NAME DATE`. */
int cli_help_command(int argc, char **argv);

void cli_print_usage(FILE *out);
/* Says so, with the nearest name, and gives the exit code. */
int cli_unknown_subcommand(const char *name);

struct cli_subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
};

/* All of them, in the order of the help. */
const struct cli_subcommand *cli_subcommands(size_t *out_num);
/* NULL where there is none of that name. */
const struct cli_subcommand *cli_find_subcommand(const char *name);

struct cli_talk_settings;
/*
 * cli_begin reads a subcommand's options (the configuration file, the command line over it), prints
 * its help or its configuration where asked, and starts the talk.
 * True: go on, with arguments from argv[*out_first] on. False: return *out_exit.
 */
bool cli_begin(const struct cli_command *command, const struct cli_option *options,
               size_t num_options, const struct cli_talk_settings *talk, int argc, char **argv,
               int *out_first, int *out_exit);
/* The same options once more, for values that were reset: --resume. */
TC_MUST_USE enum tc_status cli_parse_again(const struct cli_command *command,
                                           const struct cli_option *options, size_t num_options,
                                           int argc, char **argv, struct tc_error *error);

/*
 * cli_configure sets what the configuration file of this run says for another subcommand; nothing
 * where there is no file. Errors: TC_ERR_INPUT.
 */
TC_MUST_USE enum tc_status cli_configure(const char *command, const struct cli_option *options,
                                         size_t num_options, struct tc_error *error);

/* The file that --config names, NULL where it names none. Borrowed from the command line. */
const char *cli_config_path(void);

struct cli_groups;
/*
 * cli_configure_groups gives the groups of targets that the configuration file names for a scan
 * with this command line: none where that names targets or a list itself, those of --group where
 * it names groups, and none with --resume, for they are stored with the scan.
 *
 * Ownership: the caller's, cli_groups_cleanup(); texts are the file's.
 * Errors:    TC_ERR_INPUT.
 */
TC_MUST_USE enum tc_status cli_configure_groups(struct cli_groups *out,
                                                const struct cli_option *options,
                                                size_t num_options, int argc, char **argv,
                                                struct tc_error *error);

/*
 * The tables are made where they are used, so whoever wants one lets the subcommand run as far as
 * cli_begin(): cli_visit_table() calls `visit` with it, and the subcommand ends there.
 * cli_visit_next() is its half of it.
 */
typedef void cli_table_visitor(void *context, const struct cli_command *command,
                               const struct cli_option *options, size_t num_options);
void cli_visit_table(const struct cli_subcommand *subcommand, cli_table_visitor *visit,
                     void *context);
void cli_visit_next(cli_table_visitor *visit, void *context);

struct cli_config;
/*
 * Tells every fault of a configuration file that was read, and gives their number; with
 * `looks_at_files` a group's list that is not there is one.
 */
unsigned cli_check_config(struct cli_config *config, bool looks_at_files);

#endif
