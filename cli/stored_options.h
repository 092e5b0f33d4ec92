/* Options on their way into the scan's row and back, for --resume. */
#ifndef CLI_STORED_OPTIONS_H
#define CLI_STORED_OPTIONS_H

#include "cli/arena.h"
#include "cli/options.h"
#include "cli/target_groups.h"
#include "tlscensus/store.h"

#define CLI_OPTIONS_JSON_MAX (1U << 20) /* bytes of such an object */
#define CLI_STORED_TARGETS   "targets"  /* the key of the command line's targets */

/*
 * cli_options_to_json writes every option that shapes the scan, the groups of targets (NULL: none)
 * and the command line's targets, as one JSON object of texts and lists of texts; a group is such
 * an object in turn. A proxy's user and password are left out.
 *
 * Errors: TC_ERR_INPUT (more targets than CLI_OPTIONS_JSON_MAX has room for: `error` says whose),
 *         TC_ERR_NOMEM.
 */
TC_MUST_USE enum tc_status cli_options_to_json(struct tc_buf *out, const struct cli_option *options,
                                               size_t num_options, const struct cli_groups *groups,
                                               const char *const *targets, size_t num_targets,
                                               struct tc_error *error);

/*
 * cli_options_from_json sets options from such an object, and adds its groups to `groups` and its
 * targets to `targets`. Texts are copied into `*arena`, which the caller keeps as long as the
 * options are used.
 */
TC_MUST_USE enum tc_status cli_options_from_json(const struct cli_option *options,
                                                 size_t num_options, struct cli_list *targets,
                                                 struct cli_groups *groups, struct cli_arena *arena,
                                                 struct tc_store *store, const char *json,
                                                 struct tc_error *error);

/* A proxy's URL without what stands between :// and the last @ of its authority. */
void cli_add_bare_proxy(struct tc_buf *out, const char *url);

#endif
