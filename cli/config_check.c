/* What is wrong with a configuration file, all of it and not the first fault alone. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/config_file.h"
#include "cli/stored_options.h"
#include "cli/target_defaults.h"
#include "cli/target_groups.h"
#include "tlscensus/target.h"

#define GROUP_NAME_MAX 60

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
        bool is_same_section = cli_config_group_name(entry->section) != NULL
                                   ? other->section_line == entry->section_line
                                   : strcmp(other->section, entry->section) == 0;
        if (is_same_section && strcmp(other->name, entry->name) == 0) {
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
        cli_is_list(option->type) || entry->is_known ? 0 : line_before(check->config, entry);
    if (before != 0) {
        (void)tc_fail(&what, TC_ERR_INPUT, "%s: line %u has set it already", entry->name, before);
        tell(check, entry->line, what.text);
    } else if (cli_set_word(option, entry->value, &why) != TC_OK && !entry->is_known) {
        tell(check, entry->line, why.text);
    }
    entry->is_known = true;
}

/* One word, so that a command line and a completion can name it. */
static bool is_group_name(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (c < 0x80 && isalnum(c) == 0 && strchr("-_.", c) == NULL) {
            return false;
        }
    }
    return len > 0 && len <= GROUP_NAME_MAX && name[0] != '-';
}

static void check_group_name(const struct check *check, const struct cli_config_section *section)
{
    const char *name = cli_config_group_name(section->name);
    struct tc_error what;
    if (!is_group_name(name)) {
        (void)tc_fail(&what, TC_ERR_INPUT,
                      "[%.100s]: a group of targets is named by one word of at most %d bytes, "
                      "letters, digits, - _ and . alone: [targets mail]",
                      section->name, GROUP_NAME_MAX);
        tell(check, section->line, what.text);
        return;
    }
    for (const struct cli_config_section *other = check->config->sections; other < section;
         other++) {
        const char *other_name = cli_config_group_name(other->name);
        if (other_name != NULL && strcmp(other_name, name) == 0) {
            (void)tc_fail(&what, TC_ERR_INPUT, "[%s]: line %u has begun a group of that name",
                          section->name, other->line);
            tell(check, section->line, what.text);
            return;
        }
    }
}

/* A list that is not there; standard input always is. */
static void check_list(const struct check *check, const struct cli_config_entry *entry)
{
    struct tc_error what;
    struct stat facts;
    int reason = strcmp(entry->value, "-") == 0    ? 0
                 : access(entry->value, R_OK) != 0 ? errno
                 : stat(entry->value, &facts) != 0 ? errno
                 : S_ISDIR(facts.st_mode)          ? EISDIR
                                                   : 0;
    if (reason != 0) {
        (void)tc_fail(&what, TC_ERR_INPUT, "%s %s: %s", entry->name, entry->value,
                      strerror(reason));
        tell(check, entry->line, what.text);
    }
}

static void keep_reason(void *context, const struct tc_rejection *rejection)
{
    (void)tc_fail(context, TC_ERR_INPUT, "%s", rejection->reason);
}

/* How many addresses a block may have, the scan says. */
static void check_target(const struct check *check, const struct cli_config_entry *entry)
{
    struct tc_error why = {""};
    struct tc_error what;
    struct tc_target *target = NULL;
    struct tc_target_reader *reader = NULL;
    const struct tc_target_reader_options options = {
        .max_cidr = UINT64_MAX, .context = &why, .rejected = keep_reason};
    if (tc_target_reader_open_args(&reader, &entry->value, 1, &options, NULL) == TC_OK &&
        tc_target_reader_next(&target, reader, NULL) == TC_OK) {
        tc_target_free(target);
    }
    tc_target_reader_free(reader);
    if (why.text[0] != '\0') {
        (void)tc_fail(&what, TC_ERR_INPUT, "%s: %s", entry->name, why.text);
        tell(check, entry->line, what.text);
    }
}

static void check_group_entry(const struct check *check, struct cli_config_entry *entry,
                              const struct cli_option *rows, bool looks_at_files)
{
    const struct cli_option *option = find(rows, CLI_GROUP_OPTIONS_NUM, entry->name);
    if (option == NULL) {
        tell_unknown(check, entry, entry->section, rows, CLI_GROUP_OPTIONS_NUM);
        entry->is_known = true;
        return;
    }
    check_entry(check, entry, option);
    if (strcmp(entry->name, CLI_GROUP_TARGET) == 0) {
        check_target(check, entry);
    } else if (looks_at_files && strcmp(entry->name, "input") == 0) {
        check_list(check, entry);
    }
}

/* ---- what is right line by line, and too much together ---- */

static const char k_scan[] = "scan";

struct sum {
    struct cli_target_defaults defaults; /* labels alone */
    struct tc_target_ports ports;
    size_t target_bytes;
};

/* What cannot be a label or a port at all has been told. */
static enum tc_status add_up(struct sum *sum, const struct cli_config_entry *entry,
                             struct tc_error *error)
{
    const char *value = entry->value;
    const struct cli_list none = {.num_items = 0};
    const struct cli_list labels = {.items = &value, .num_items = 1};
    if (strcmp(entry->name, "label") == 0 && cli_check_label(value, NULL) == TC_OK) {
        return cli_target_defaults_add(&sum->defaults, &none, &labels, error);
    }
    if (strcmp(entry->name, "port") == 0 && cli_check_ports(value, NULL) == TC_OK) {
        return tc_target_ports_add(&sum->ports, value, error);
    }
    if (strcmp(entry->name, CLI_GROUP_TARGET) == 0) {
        sum->target_bytes += strlen(value) + 3; /* in quotes, and a comma */
    }
    return sum->target_bytes <= CLI_OPTIONS_JSON_MAX
               ? TC_OK
               : tc_fail(error, TC_ERR_INPUT,
                         "more than %u bytes of targets in one group: write them into a list, one "
                         "a line, and name it with input = FILE",
                         CLI_OPTIONS_JSON_MAX);
}

static bool is_of(const struct cli_config_entry *entry, const struct cli_config_section *section)
{
    return section->line != 0
               ? entry->section_line == section->line
               : strcmp(entry->section, section->name) == 0 &&
                     (section->name[0] != '\0' || cli_config_is_shared(k_scan, entry->name));
}

/* The first entry of a section that is one too many is told where `tells`. */
static void add_section(const struct check *check, struct sum *sum,
                        const struct cli_config_section *section, bool tells)
{
    struct tc_error why = {""};
    struct tc_error what;
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < check->config->num_entries && status == TC_OK; i++) {
        const struct cli_config_entry *entry = &check->config->entries[i];
        status = is_of(entry, section) ? add_up(sum, entry, &why) : TC_OK;
        if (status != TC_OK && tells) {
            (void)tc_fail(&what, TC_ERR_INPUT, "%s: %s", entry->name, why.text);
            tell(check, entry->line, what.text);
        }
    }
}

/* A group has the scan's labels too; NULL: the scan's own section alone. */
static void check_sum(const struct check *check, const char *name,
                      const struct cli_config_section *group)
{
    const struct cli_config_section own = {.name = name};
    struct sum sum = {.target_bytes = 0};
    add_section(check, &sum, &own, group == NULL);
    if (group != NULL) {
        sum.ports.num_ports = 0; /* a group's ports take the place of the scan's */
        add_section(check, &sum, group, true);
    }
    cli_target_defaults_cleanup(&sum.defaults);
}

/* ---- groups ---- */

static void check_group(const struct check *check, const struct cli_config_section *section,
                        bool looks_at_files)
{
    struct cli_group group = {.profile = -1};
    struct cli_option rows[CLI_GROUP_OPTIONS_NUM];
    cli_group_options(rows, &group);
    check_group_name(check, section);
    for (size_t i = 0; i < check->config->num_entries; i++) {
        struct cli_config_entry *entry = &check->config->entries[i];
        if (entry->section_line == section->line) {
            check_group_entry(check, entry, rows, looks_at_files);
        }
    }
    if (group.inputs.num_items + group.targets.num_items == 0) {
        struct tc_error what;
        (void)tc_fail(&what, TC_ERR_INPUT, "[%.100s]: names no target: neither input nor target",
                      section->name);
        tell(check, section->line, what.text);
    }
    check_sum(check, k_scan, section);
    cli_group_cleanup(&group);
}

/* `group = NAME` of a scan, which may name a group further down. */
static void check_wanted(const struct check *check, const struct cli_config_entry *entry)
{
    const char *names[CLI_GROUPS_MAX];
    size_t num = 0;
    struct tc_error what;
    if (strcmp(entry->name, "group") != 0 || strcmp(entry->section, k_scan) != 0) {
        return;
    }
    for (size_t i = 0; i < check->config->num_sections && num < CLI_GROUPS_MAX; i++) {
        const char *name = cli_config_group_name(check->config->sections[i].name);
        if (name != NULL && strcmp(name, entry->value) == 0) {
            return;
        }
        names[num] = name;
        num += name != NULL;
    }
    const char *nearest = cli_nearest(entry->value, names, num);
    (void)tc_fail(&what, TC_ERR_INPUT, "group %.60s: the file has no section [targets %.60s]%s%s%s",
                  entry->value, entry->value, nearest != NULL ? "; did you mean " : "",
                  nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
    tell(check, entry->line, what.text);
}

void cli_config_check_groups(struct cli_config *config, bool looks_at_files,
                             cli_config_fault *fault, void *context)
{
    const struct check check = {.config = config, .fault = fault, .context = context};
    check_sum(&check, "", NULL);
    check_sum(&check, k_scan, NULL);
    for (size_t i = 0; i < config->num_sections; i++) {
        if (cli_config_group_name(config->sections[i].name) != NULL) {
            check_group(&check, &config->sections[i], looks_at_files);
        }
    }
    for (size_t i = 0; i < config->num_entries; i++) {
        check_wanted(&check, &config->entries[i]);
    }
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
        bool is_shared = entry->section[0] == '\0' && cli_config_is_shared(command, entry->name);
        if (option != NULL && (is_own || is_shared)) {
            check_entry(&check, entry, option);
        } else if (is_own) {
            tell_unknown(&check, entry, command, options, num_options);
            entry->is_known = true;
        }
    }
}

static void tell_section(const struct check *check, const struct cli_config_section *section,
                         const char *const *commands, size_t num_commands)
{
    struct tc_error what;
    const char *nearest = cli_nearest(section->name, commands, num_commands);
    (void)tc_fail(&what, TC_ERR_INPUT,
                  "[%.100s]: a section is named after a subcommand, or [targets NAME]%s%s%s",
                  section->name, nearest != NULL ? "; did you mean [" : "",
                  nearest != NULL ? nearest : "", nearest != NULL ? "]?" : "");
    tell(check, section->line, what.text);
}

static bool is_section(const char *name, const char *const *commands, size_t num_commands)
{
    for (size_t i = 0; i < num_commands; i++) {
        if (strcmp(name, commands[i]) == 0) {
            return true;
        }
    }
    return cli_config_group_name(name) != NULL;
}

void cli_config_check_rest(struct cli_config *config, const char *const *commands,
                           size_t num_commands, cli_config_fault *fault, void *context)
{
    const struct check check = {.config = config, .fault = fault, .context = context};
    for (size_t i = 0; i < config->num_sections; i++) {
        if (!is_section(config->sections[i].name, commands, num_commands)) {
            tell_section(&check, &config->sections[i], commands, num_commands);
        }
    }
    for (size_t i = 0; i < config->num_entries; i++) {
        const struct cli_config_entry *entry = &config->entries[i];
        struct tc_error what;
        if (!entry->is_known && entry->section[0] == '\0') {
            (void)tc_fail(&what, TC_ERR_INPUT, "%s: no subcommand has such an option", entry->name);
            tell(&check, entry->line, what.text);
        }
    }
}
