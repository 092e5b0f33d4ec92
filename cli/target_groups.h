/*
 * Groups of targets: a configuration file's sections [targets NAME], each with lists, ports,
 * profile and labels of its own, which one scan examines together.
 */
#ifndef CLI_TARGET_GROUPS_H
#define CLI_TARGET_GROUPS_H

#include "cli/config_file.h"
#include "cli/options.h"
#include "tlscensus/profile.h"

#define CLI_GROUPS_MAX        1000
#define CLI_GROUP_OPTIONS_NUM 5
#define CLI_GROUP_TARGET      "target" /* the option with targets themselves */

/* Texts are the file's, or where options come from that were stored. */
struct cli_group {
    const char *name;
    struct cli_list inputs;
    struct cli_list targets;
    struct cli_list ports;
    struct cli_list labels;
    int profile; /* enum tc_profile; -1: the scan's */
};

/* The zero state is none. */
struct cli_groups {
    struct cli_group *items;
    size_t num_items;
};

/* What a group can be told. */
void cli_group_options(struct cli_option rows[CLI_GROUP_OPTIONS_NUM], struct cli_group *group);
/* A group without anything behind the others; NULL when out of memory. */
struct cli_group *cli_groups_add(struct cli_groups *groups, const char *name);
void cli_group_cleanup(struct cli_group *group);
void cli_groups_cleanup(struct cli_groups *groups);

/*
 * cli_groups_read makes the groups of a file, in its order.
 * Errors: TC_ERR_INPUT (a value that cannot be, too many), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_groups_read(struct cli_groups *out, const struct cli_config *config,
                                           struct tc_error *error);
/*
 * cli_groups_keep leaves those that `wanted` names.
 * Errors: TC_ERR_INPUT (there is none of that name: `error` has the nearest).
 */
TC_MUST_USE enum tc_status cli_groups_keep(struct cli_groups *groups, const struct cli_list *wanted,
                                           struct tc_error *error);

/* What the targets of a group are examined by, where the scan's own profile is `own`. */
enum tc_profile cli_group_profile(const struct cli_group *group, int own);

#endif
