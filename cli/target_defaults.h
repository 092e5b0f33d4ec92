/* --port and --label, and the same of a group: what all targets of a list have. */
#ifndef CLI_TARGET_DEFAULTS_H
#define CLI_TARGET_DEFAULTS_H

#include "cli/arena.h"
#include "cli/options.h"
#include "tlscensus/target.h"

#define CLI_LABELS_MAX 64 /* and one with the name of the group */

/* The zero state is nothing. */
struct cli_target_defaults {
    struct tc_target_ports ports;
    struct tc_label labels[CLI_LABELS_MAX + 1];
    size_t num_labels;
    struct cli_arena arena; /* the labels' texts */
};

/*
 * cli_target_defaults_add reads lists of ports and labels as the table took them: ports take the
 * place of those that were there, and labels of those of their names.
 *
 * Ownership: the caller's, cli_target_defaults_cleanup(), after a failure too.
 * Errors:    TC_ERR_INPUT (too many), TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_target_defaults_add(struct cli_target_defaults *defaults,
                                                   const struct cli_list *ports,
                                                   const struct cli_list *labels,
                                                   struct tc_error *error);
/* The label `group`, unless there is one of that name; once, and behind all others. Errors:
 * TC_ERR_NOMEM. */
TC_MUST_USE enum tc_status cli_target_defaults_name(struct cli_target_defaults *defaults,
                                                    const char *group, struct tc_error *error);
void cli_target_defaults_cleanup(struct cli_target_defaults *defaults);
/* As a reader wants them, with the scan's own profile. Borrowed from `defaults`. */
struct tc_target_defaults cli_target_defaults_get(const struct cli_target_defaults *defaults);

/* NAME=VALUE, neither empty. Errors: TC_ERR_INPUT, in words that go behind the option. */
TC_MUST_USE enum tc_status cli_check_label(const char *text, struct tc_error *error);
/* "25,465". Errors: likewise. */
TC_MUST_USE enum tc_status cli_check_ports(const char *text, struct tc_error *error);

#endif
