#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/talk.h"
#include "cli/target_groups.h"

/* Set for one call of cli_begin(), which then only shows its table. */
static cli_table_visitor *g_visit;
static void *g_visit_context;

/* The file that --config names: options point at its texts until the program ends. */
static struct cli_config g_config;

void cli_visit_next(cli_table_visitor *visit, void *context)
{
    g_visit = visit;
    g_visit_context = context;
}

/* ---- the configuration file ---- */

struct config_check {
    struct cli_config *config;
    unsigned faults;
};

static void count_fault(void *context, const char *text)
{
    struct config_check *check = context;
    check->faults++;
    cli_usage_error("%s", text);
}

static void check_table(void *context, const struct cli_command *command,
                        const struct cli_option *options, size_t num_options)
{
    struct config_check *check = context;
    cli_config_check_table(check->config, command->name, options, num_options, count_fault, check);
}

unsigned cli_check_config(struct cli_config *config, bool looks_at_files)
{
    const char *names[32];
    size_t num = 0;
    struct config_check check = {.config = config};
    const struct cli_subcommand *subcommands = cli_subcommands(&num);
    for (size_t i = 0; i < num; i++) {
        names[i] = subcommands[i].name;
        cli_visit_table(&subcommands[i], check_table, &check);
    }
    cli_config_check_groups(config, looks_at_files, count_fault, &check);
    cli_config_check_rest(config, names, num, count_fault, &check);
    return check.faults;
}

/* Reads and checks the whole file, other subcommands' sections too; faults have been told. */
static enum tc_status load_config(const char *path, struct tc_error *error)
{
    cli_config_cleanup(&g_config);
    enum tc_status status = cli_config_read(&g_config, path, error);
    if (status == TC_OK && cli_check_config(&g_config, false) > 0) {
        status = TC_ERR_INPUT;
    }
    return status;
}

enum tc_status cli_parse_again(const struct cli_command *command, const struct cli_option *options,
                               size_t num_options, int argc, char **argv, struct tc_error *error)
{
    struct cli_given given;
    int first = 0;
    enum tc_status status = cli_look(&given, options, num_options, argc, argv, error);
    if (status == TC_OK) {
        status =
            cli_config_apply(&g_config, command->name, options, num_options, &given, NULL, error);
    }
    return status == TC_OK ? cli_parse(options, num_options, argc, argv, &first, error) : status;
}

enum tc_status cli_configure(const char *command, const struct cli_option *options,
                             size_t num_options, struct tc_error *error)
{
    const struct cli_given none = {.config = NULL};
    return cli_config_apply(&g_config, command, options, num_options, &none, NULL, error);
}

const char *cli_config_path(void)
{
    return g_config.path;
}

/* What --group names; NULL for a subcommand that has no such option. */
static const struct cli_list *wanted_groups(const struct cli_option *options, size_t num_options)
{
    for (size_t i = 0; i < num_options; i++) {
        if (strcmp(options[i].name, "group") == 0) {
            return options[i].value;
        }
    }
    return NULL;
}

enum tc_status cli_configure_groups(struct cli_groups *out, const struct cli_option *options,
                                    size_t num_options, int argc, char **argv,
                                    struct tc_error *error)
{
    struct cli_given given;
    struct cli_groups groups = {.num_items = 0};
    const struct cli_list *wanted = wanted_groups(options, num_options);
    enum tc_status status = cli_look(&given, options, num_options, argc, argv, error);
    if (status != TC_OK || wanted == NULL || cli_is_given(&given, options, num_options, "resume")) {
        return status;
    }
    bool names_targets =
        given.first_argument < argc || cli_is_given(&given, options, num_options, "input");
    if (names_targets && !cli_is_given(&given, options, num_options, "group")) {
        return TC_OK;
    }
    status = cli_groups_read(&groups, &g_config, error);
    if (status == TC_OK && wanted->num_items > 0) {
        status = cli_groups_keep(&groups, wanted, error);
    }
    if (status != TC_OK) {
        cli_groups_cleanup(&groups);
        return status;
    }
    *out = groups;
    return TC_OK;
}

/* ---- the beginning of every subcommand ---- */

/* The groups that are scanned are printed behind the options. */
static enum tc_status print_config(const struct cli_command *command,
                                   const struct cli_option *options, size_t num_options, int argc,
                                   char **argv, const unsigned lines[CLI_OPTIONS_MAX],
                                   struct tc_error *error)
{
    struct cli_given given;
    struct cli_groups groups = {.num_items = 0};
    enum tc_status status = cli_look(&given, options, num_options, argc, argv, error);
    if (status == TC_OK) {
        status = cli_configure_groups(&groups, options, num_options, argc, argv, error);
    }
    if (status == TC_OK) {
        cli_config_print(stdout, &g_config, command->name, options, num_options, &given, lines);
    }
    for (size_t i = 0; i < groups.num_items; i++) {
        cli_config_print_group(stdout, &g_config, groups.items[i].name);
    }
    cli_groups_cleanup(&groups);
    return status == TC_OK ? TC_ERR_CANCELLED : status;
}

/* Targets on the command line stand in the place of the file's list, as `-i` does. */
static void let_arguments_replace_input(struct cli_given *given, const struct cli_option *options,
                                        size_t num_options, int argc)
{
    for (size_t i = 0; i < num_options && given->first_argument < argc; i++) {
        given->is_given[i] = given->is_given[i] || strcmp(options[i].name, "input") == 0;
    }
}

/* The file first, the command line over it. */
static enum tc_status read_options(const struct cli_command *command,
                                   const struct cli_option *options, size_t num_options, int argc,
                                   char **argv, int *out_first, struct tc_error *error)
{
    struct cli_given given;
    unsigned lines[CLI_OPTIONS_MAX] = {0};
    enum tc_status status = cli_look(&given, options, num_options, argc, argv, error);
    if (status == TC_OK && given.config != NULL) {
        status = load_config(given.config, error);
    }
    let_arguments_replace_input(&given, options, num_options, argc);
    if (status == TC_OK) {
        status =
            cli_config_apply(&g_config, command->name, options, num_options, &given, lines, error);
    }
    if (status == TC_OK) {
        status = cli_parse(options, num_options, argc, argv, out_first, error);
    }
    if (status == TC_OK && given.print_config) {
        return print_config(command, options, num_options, argc, argv, lines, error);
    }
    return status;
}

bool cli_begin(const struct cli_command *command, const struct cli_option *options,
               size_t num_options, const struct cli_talk_settings *talk, int argc, char **argv,
               int *out_first, int *out_exit)
{
    struct tc_error error = {""};
    cli_table_visitor *visit = g_visit;
    *out_exit = CLI_DONE;
    if (visit != NULL) {
        g_visit = NULL;
        visit(g_visit_context, command, options, num_options);
        return false;
    }
    enum tc_status status =
        read_options(command, options, num_options, argc, argv, out_first, &error);
    if (status == TC_ERR_END) {
        /* The table holds what was parsed before --help; a fresh one would show the defaults, but
         * nobody reads those behind options of his own. */
        cli_help(stdout, command, options, num_options);
        return false;
    }
    if (status == TC_ERR_CANCELLED) { /* --print-config was all */
        return false;
    }
    if (status == TC_OK || talk->log_format != 0) { /* else it may be wrong before it was read */
        cli_talk_start(talk);
    }
    if (status != TC_OK) {
        *out_exit = error.text[0] != '\0' ? cli_give_up(status, &error) : CLI_USAGE;
        return false;
    }
    return true;
}
