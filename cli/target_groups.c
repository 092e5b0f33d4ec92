#include "cli/target_groups.h"

#include <stdlib.h>
#include <string.h>

#include "cli/scan_settings.h"

void cli_group_options(struct cli_option rows[CLI_GROUP_OPTIONS_NUM], struct cli_group *group)
{
    const struct cli_option table[CLI_GROUP_OPTIONS_NUM] = {
        {.name = "input", .type = CLI_LIST, .value = &group->inputs, .shapes_scan = true},
        {.name = CLI_GROUP_TARGET, .type = CLI_LIST, .value = &group->targets, .shapes_scan = true},
        {.name = "port", .type = CLI_PORTS, .value = &group->ports, .shapes_scan = true},
        {.name = "profile",
         .type = CLI_CHOICE,
         .value = &group->profile,
         .choices = cli_profile_choices,
         .shapes_scan = true},
        {.name = "label", .type = CLI_LABELS, .value = &group->labels, .shapes_scan = true},
    };
    memcpy(rows, table, sizeof table);
}

struct cli_group *cli_groups_add(struct cli_groups *groups, const char *name)
{
    struct cli_group *items =
        realloc(groups->items, (groups->num_items + 1) * sizeof *groups->items);
    if (items == NULL) {
        return NULL;
    }
    groups->items = items;
    struct cli_group *group = &items[groups->num_items++];
    *group = (struct cli_group){.name = name, .profile = -1};
    return group;
}

void cli_group_cleanup(struct cli_group *group)
{
    cli_list_cleanup(&group->inputs);
    cli_list_cleanup(&group->targets);
    cli_list_cleanup(&group->ports);
    cli_list_cleanup(&group->labels);
}

void cli_groups_cleanup(struct cli_groups *groups)
{
    for (size_t i = 0; i < groups->num_items; i++) {
        cli_group_cleanup(&groups->items[i]);
    }
    free(groups->items);
    *groups = (struct cli_groups){.num_items = 0};
}

/* The entries of one section. */
static enum tc_status read_group(struct cli_group *group, const struct cli_config *config,
                                 const struct cli_config_section *section, struct tc_error *error)
{
    struct cli_option rows[CLI_GROUP_OPTIONS_NUM];
    enum tc_status status = TC_OK;
    cli_group_options(rows, group);
    for (size_t i = 0; i < config->num_entries && status == TC_OK; i++) {
        const struct cli_config_entry *entry = &config->entries[i];
        struct tc_error why = {""};
        if (entry->section_line != section->line) {
            continue;
        }
        status = cli_set(rows, CLI_GROUP_OPTIONS_NUM, entry->name, entry->value, &why);
        if (status != TC_OK) {
            status = tc_fail(error, status, "%s:%u: %s", config->path, entry->line, why.text);
        }
    }
    return status;
}

enum tc_status cli_groups_read(struct cli_groups *out, const struct cli_config *config,
                               struct tc_error *error)
{
    struct cli_groups groups = {.num_items = 0};
    enum tc_status status = TC_OK;
    for (size_t i = 0; i < config->num_sections && status == TC_OK; i++) {
        const struct cli_config_section *section = &config->sections[i];
        const char *name = cli_config_group_name(section->name);
        if (name == NULL) {
            continue;
        }
        if (groups.num_items == CLI_GROUPS_MAX) {
            status = tc_fail(error, TC_ERR_INPUT, "%s:%u: more than %d groups of targets",
                             config->path, section->line, CLI_GROUPS_MAX);
            break;
        }
        struct cli_group *group = cli_groups_add(&groups, name);
        status = group != NULL ? read_group(group, config, section, error)
                               : tc_fail(error, TC_ERR_NOMEM, "%s: out of memory", config->path);
    }
    if (status != TC_OK) {
        cli_groups_cleanup(&groups);
        return status;
    }
    *out = groups;
    return TC_OK;
}

static bool list_has(const struct cli_list *list, const char *text)
{
    for (size_t i = 0; i < list->num_items; i++) {
        if (strcmp(list->items[i], text) == 0) {
            return true;
        }
    }
    return false;
}

static enum tc_status check_wanted(const struct cli_groups *groups, const struct cli_list *wanted,
                                   struct tc_error *error)
{
    const char *names[CLI_GROUPS_MAX];
    for (size_t i = 0; i < groups->num_items; i++) {
        names[i] = groups->items[i].name;
    }
    const struct cli_list known = {.items = names, .num_items = groups->num_items};
    for (size_t i = 0; i < wanted->num_items; i++) {
        const char *name = wanted->items[i];
        if (list_has(&known, name)) {
            continue;
        }
        if (groups->num_items == 0) {
            return tc_fail(error, TC_ERR_INPUT,
                           "--group %.60s: no configuration file has groups of targets: name one "
                           "with --config that has a section [targets %.60s]",
                           name, name);
        }
        const char *nearest = cli_nearest(name, names, groups->num_items);
        return tc_fail(error, TC_ERR_INPUT,
                       "--group %.60s: the configuration file has no group of that name%s%s%s",
                       name, nearest != NULL ? "; did you mean " : "",
                       nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
    }
    return TC_OK;
}

enum tc_status cli_groups_keep(struct cli_groups *groups, const struct cli_list *wanted,
                               struct tc_error *error)
{
    size_t num_kept = 0;
    enum tc_status status = check_wanted(groups, wanted, error);
    if (status != TC_OK) {
        return status;
    }
    for (size_t i = 0; i < groups->num_items; i++) {
        if (list_has(wanted, groups->items[i].name)) {
            groups->items[num_kept++] = groups->items[i];
        } else {
            cli_group_cleanup(&groups->items[i]);
        }
    }
    groups->num_items = num_kept;
    return TC_OK;
}

enum tc_profile cli_group_profile(const struct cli_group *group, int own)
{
    return (enum tc_profile)(group->profile >= 0 ? group->profile : own);
}
