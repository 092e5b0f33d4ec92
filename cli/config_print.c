#include <string.h>

#include "cli/config_file.h"
#include "cli/stored_options.h"
#include "cli/target_groups.h"

#define ORIGIN_COLUMN 44

static void print_line(FILE *out, const struct cli_option *option, const char *value,
                       const char *origin)
{
    struct tc_buf shown;
    tc_buf_init(&shown, 65536);
    if (strcmp(option->name, "proxy") == 0) {
        cli_add_bare_proxy(&shown, value);
    } else {
        tc_buf_add_str(&shown, value);
    }
    /* What has no value is a comment, and what would be cut short: the lines can be read again. */
    bool is_comment = value[0] == '\0' || strstr(value, " ;") != NULL;
    int used = fprintf(out, "%s%s = %s", is_comment ? "; " : "", option->name,
                       shown.data != NULL ? shown.data : "");
    fprintf(out, "%*s ; %s\n", used < ORIGIN_COLUMN ? ORIGIN_COLUMN - used : 0, "", origin);
    tc_buf_cleanup(&shown);
}

/* What a section of the file says of an option; the number of lines. */
static size_t print_section(FILE *out, const struct cli_config *config,
                            const struct cli_option *option, unsigned section_line)
{
    struct tc_error origin;
    size_t num = 0;
    for (size_t i = 0; i < config->num_entries; i++) {
        const struct cli_config_entry *entry = &config->entries[i];
        if (entry->section_line == section_line && strcmp(entry->name, option->name) == 0) {
            (void)tc_fail(&origin, TC_OK, "%s:%u", config->path, entry->line);
            print_line(out, option, entry->value, origin.text);
            num++;
        }
    }
    return num;
}

static void print_value(FILE *out, const struct cli_option *option, const char *origin)
{
    const struct cli_list *list = cli_is_list(option->type) ? option->value : NULL;
    struct tc_buf value;
    tc_buf_init(&value, 65536);
    cli_option_value(&value, option);
    if (list == NULL || list->num_items == 0) {
        print_line(out, option, value.data != NULL ? value.data : "", origin);
    }
    for (size_t i = 0; list != NULL && i < list->num_items; i++) {
        print_line(out, option, list->items[i], origin);
    }
    tc_buf_cleanup(&value);
}

/* What the file says of an option, from the section that `last_line` is in: a list's has several.
 */
static void print_entries(FILE *out, const struct cli_config *config,
                          const struct cli_option *option, unsigned last_line)
{
    const char *section = "";
    struct tc_error origin;
    for (size_t i = 0; i < config->num_entries; i++) {
        section = config->entries[i].line == last_line ? config->entries[i].section : section;
    }
    for (size_t i = 0; i < config->num_entries; i++) {
        const struct cli_config_entry *entry = &config->entries[i];
        if (strcmp(entry->name, option->name) == 0 && strcmp(entry->section, section) == 0) {
            (void)tc_fail(&origin, TC_OK, "%s:%u", config->path, entry->line);
            print_line(out, option, entry->value, origin.text);
        }
    }
}

void cli_config_print_group(FILE *out, const struct cli_config *config, const char *name)
{
    struct cli_group unset = {.profile = -1};
    struct cli_option rows[CLI_GROUP_OPTIONS_NUM];
    cli_group_options(rows, &unset);
    for (size_t s = 0; s < config->num_sections; s++) {
        const struct cli_config_section *section = &config->sections[s];
        const char *group_name = cli_config_group_name(section->name);
        if (group_name == NULL || strcmp(group_name, name) != 0) {
            continue;
        }
        fprintf(out, "[%s]\n", section->name);
        for (size_t i = 0; i < CLI_GROUP_OPTIONS_NUM; i++) {
            if (print_section(out, config, &rows[i], section->line) == 0) {
                print_line(out, &rows[i], "", "default");
            }
        }
    }
}

void cli_config_print(FILE *out, const struct cli_config *config, const char *command,
                      const struct cli_option *options, size_t num_options,
                      const struct cli_given *given, const unsigned lines[CLI_OPTIONS_MAX])
{
    fprintf(out, "[%s]\n", command);
    for (size_t i = 0; i < num_options; i++) {
        if (given->is_given[i]) {
            print_value(out, &options[i], "command line");
        } else if (lines[i] != 0) {
            print_entries(out, config, &options[i], lines[i]);
        } else {
            print_value(out, &options[i], "default");
        }
    }
}
