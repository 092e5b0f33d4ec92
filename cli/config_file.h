/*
 * A configuration file: any long option, in INI form.
 *
 *   db = /var/lib/census.db      ; before the first section: for every subcommand that has it,
 *                                  but for scan's --format, --output and --label
 *   [scan]
 *   profile = deep
 *   input = domains.csv          ; a list's option may be there several times
 *   input = mail.txt
 *   strict = yes
 *   [targets mail]               ; a group of targets (target_groups.h), scanned with the others
 *   target = smtp://mx.example.edu
 *
 * The command line wins over the file, a list's as a whole.
 */
#ifndef CLI_CONFIG_FILE_H
#define CLI_CONFIG_FILE_H

#include "cli/arena.h"
#include "cli/options.h"

struct cli_config_section {
    const char *name;
    unsigned line; /* of its heading */
};

struct cli_config_entry {
    const char *section;   /* "" before the first */
    unsigned section_line; /* of its heading; 0 before the first */
    const char *name;
    const char *value;
    unsigned line; /* from 1 */
    bool is_known; /* a subcommand has it: cli_config_check_table() */
};

/* The zero state is a file without entries. Texts live until the cleanup. */
struct cli_config {
    const char *path;
    struct cli_config_entry *entries;
    size_t num_entries;
    struct cli_config_section *sections; /* in their order, those without entries too */
    size_t num_sections;
    struct cli_arena arena;
};

/*
 * cli_config_read reads a whole file; `path` is borrowed as long as the configuration.
 *
 * Errors: TC_ERR_INPUT (cannot be opened, is no INI, a line is too long: file and line),
 *         TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_config_read(struct cli_config *out, const char *path,
                                           struct tc_error *error);
void cli_config_cleanup(struct cli_config *config);
/* The NAME of a section "targets NAME", "" where it has none; NULL for any other section. */
const char *cli_config_group_name(const char *section);

/* Hears each fault: "FILE:LINE: what". */
typedef void cli_config_fault(void *context, const char *text);

/*
 * cli_config_check_table tries the entries of one subcommand on its table: names, values, what was
 * set twice. Afterwards the table's values are those of the file.
 */
void cli_config_check_table(struct cli_config *config, const char *command,
                            const struct cli_option *options, size_t num_options,
                            cli_config_fault *fault, void *context);
/*
 * cli_config_check_groups tries the groups of targets: their names, the entries of each, that it
 * names a target, and that labels, ports and targets are not too many, with what [scan] has. With
 * `looks_at_files` each list must be there too.
 */
void cli_config_check_groups(struct cli_config *config, bool looks_at_files,
                             cli_config_fault *fault, void *context);
/* Sections and entries that no table knew, once all have been tried. */
void cli_config_check_rest(struct cli_config *config, const char *const *commands,
                           size_t num_commands, cli_config_fault *fault, void *context);

/*
 * Whether what stands before the first section is for this option of a subcommand. `report` had
 * --format, --output and --label before `scan` had others of these names: there they are its own,
 * as they were.
 */
bool cli_config_is_shared(const char *command, const char *name);

/*
 * cli_config_apply sets what the file says for `command`, its own section over what stands before
 * the first; not what the command line gives. Where that says
 * --resume, what shapes a scan is not set either: it is stored with the scan. Where it says
 * --group, `input` is not. `out_lines` gets the line that set each option, 0 for none; NULL where
 * nobody asks.
 */
TC_MUST_USE enum tc_status cli_config_apply(const struct cli_config *config, const char *command,
                                            const struct cli_option *options, size_t num_options,
                                            const struct cli_given *given,
                                            unsigned out_lines[CLI_OPTIONS_MAX],
                                            struct tc_error *error);

/*
 * cli_config_print writes the table's values as a section of a configuration file, and behind each
 * where it comes from: file and line, "command line" or "default". A proxy's password is left out.
 */
void cli_config_print(FILE *out, const struct cli_config *config, const char *command,
                      const struct cli_option *options, size_t num_options,
                      const struct cli_given *given, const unsigned lines[CLI_OPTIONS_MAX]);
/* cli_config_print_group does the same with a group of targets of the file. */
void cli_config_print_group(FILE *out, const struct cli_config *config, const char *name);

#endif
