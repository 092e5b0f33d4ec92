/* What is wrong with a configuration file, all of it and not the first fault alone. */
#include <stdio.h>
#include <string.h>

#include "cli/config_file.h"

struct check {
    struct cli_config *config;
    cli_config_fault *fault;
    void *context;
};

static void tell(const struct check *check, unsigned line, const char *what)
{
    struct tc_error text;
    (void)tc_fail(&text, TC_ERR_INPUT, "%s:%u: %s", check->config->path, line, what);
    check->fault(check->context, text.text);
}

static const struct cli_option *find(const struct cli_option *options, size_t num_options,
                                     const char *name)
{
    for (size_t i = 0; i < num_options; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static void tell_unknown(const struct check *check, const struct cli_config_entry *entry,
                         const char *command, const struct cli_option *options, size_t num_options)
{
    const char *names[CLI_OPTIONS_MAX];
    struct tc_error what;
    for (size_t i = 0; i < num_options; i++) {
        names[i] = options[i].name;
    }
    const char *nearest = cli_nearest(entry->name, names, num_options);
    (void)tc_fail(&what, TC_ERR_INPUT, "%s: %s has no such option%s%s%s", entry->name, command,
                  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "",
                  nearest != NULL ? "?" : "");
    tell(check, entry->line, what.text);
}

/* Where the same section had it before: a list may be told several times, anything else once. */
static unsigned line_before(const struct cli_config *config, const struct cli_config_entry *entry)
{
    for (const struct cli_config_entry *other = config->entries; other < entry; other++) {
        if (strcmp(other->section, entry->section) == 0 && strcmp(other->name, entry->name) == 0) {
            return other->line;
        }
    }
    return 0;
}

static void check_entry(const struct check *check, struct cli_config_entry *entry,
                        const struct cli_option *option)
{
    struct tc_error why = {""};
    struct tc_error what;
    unsigned before =
        option->type == CLI_LIST || entry->is_known ? 0 : line_before(check->config, entry);
    if (before != 0) {
        (void)tc_fail(&what, TC_ERR_INPUT, "%s: line %u has set it already", entry->name, before);
        tell(check, entry->line, what.text);
    } else if (cli_set_word(option, entry->value, &why) != TC_OK && !entry->is_known) {
        tell(check, entry->line, why.text);
    }
    entry->is_known = true;
}

void cli_config_check_table(struct cli_config *config, const char *command,
                            const struct cli_option *options, size_t num_options,
                            cli_config_fault *fault, void *context)
{
    const struct check check = {.config = config, .fault = fault, .context = context};
    for (size_t i = 0; i < config->num_entries; i++) {
        struct cli_config_entry *entry = &config->entries[i];
        const struct cli_option *option = find(options, num_options, entry->name);
        bool is_own = strcmp(entry->section, command) == 0;
        if (option != NULL && (is_own || entry->section[0] == '\0')) {
            check_entry(&check, entry, option);
        } else if (is_own) {
            tell_unknown(&check, entry, command, options, num_options);
            entry->is_known = true;
        }
    }
}

void cli_config_check_rest(const struct cli_config *config, const char *const *commands,
                           size_t num_commands, cli_config_fault *fault, void *context)
{
    const char *last = NULL; /* a section is told once */
    for (size_t i = 0; i < config->num_entries; i++) {
        const struct cli_config_entry *entry = &config->entries[i];
        struct tc_error text;
        if (entry->is_known || (last != NULL && strcmp(last, entry->section) == 0)) {
            continue;
        }
        if (entry->section[0] == '\0') {
            (void)tc_fail(&text, TC_ERR_INPUT, "%s:%u: %s: no subcommand has such an option",
                          config->path, entry->line, entry->name);
        } else {
            const char *nearest = cli_nearest(entry->section, commands, num_commands);
            (void)tc_fail(&text, TC_ERR_INPUT,
                          "%s:%u: [%s]: a section is named after a subcommand%s%s%s", config->path,
                          entry->line, entry->section, nearest != NULL ? "; did you mean [" : "",
                          nearest != NULL ? nearest : "", nearest != NULL ? "]?" : "");
            last = entry->section;
        }
        fault(context, text.text);
    }
}
